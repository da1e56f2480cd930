// A conversation between an administrator and a session (http.md §1.7.7): at most one per session, kept while the
// administrator keeps requesting new lines.

import type { Rate } from '../core/rate-limit.js';
import { type Actor, byServer } from '../core/session/actor.js';
import type { ChatListener } from '../core/session/chat.js';
import { clipLogText } from '../core/session/log-topics.js';
import type { Member } from '../core/session/member.js';
import type { Timer } from '../core/session/needs.js';
import { sendServerMessage } from '../core/session/server-message.js';
import type { Session } from '../core/session/session.js';

export interface ChatLine {
  /** Text. */
  m: string;
  /** User id and name; left out for lines of the administrator. */
  i?: number;
  n?: string;
  /** Flags of the chat message, left out when 0; 2 is an action. */
  f?: number;
}

const linesAtMost = 1024;
/** Of text, in UTF-16 units: members may say long things. */
const unitsAtMost = 512 * 1024;
/** Lines of one conversation in the log of the server: more are of level debug. */
const logRate: Rate = { burst: 500, perMinute: 120 };
export const chatTimeoutMs = { default: 300_000, least: 30_000, most: 900_000 } as const;

/** The open chat of a session. */
export function chatOf(session: Session): AdminChat | undefined {
  return session.listener instanceof AdminChat ? session.listener : undefined;
}

export function openChat(session: Session, actor: Actor, timeoutMs: number): AdminChat {
  const chat = new AdminChat(session, actor, timeoutMs);
  session.listener = chat;
  return chat;
}

export class AdminChat implements ChatListener {
  readonly #session: Session;
  /** Who opened it. */
  readonly #actor: Actor;
  readonly #timeoutMs: number;
  #lines: ChatLine[] = [];
  #dropped = 0;
  #units = 0;
  #timer: Timer;
  #endsAt = 0;

  constructor(session: Session, actor: Actor, timeoutMs: number) {
    this.#session = session;
    this.#actor = actor;
    this.#timeoutMs = timeoutMs;
    this.#timer = this.#restarted();
    session.recordAction({ kind: 'openChat', actor, effect: { timeoutMs } });
  }

  get state(): { offset: number; count: number; timeout: number; remaining: number } {
    return {
      offset: this.#dropped,
      count: this.#lines.length,
      timeout: this.#timeoutMs,
      remaining: Math.max(0, this.#endsAt - this.#session.needs.clock.monotonic()),
    };
  }

  chatReceived({ id, name }: Member, text: string, flags: number): void {
    this.add({ m: text, i: id, n: name, ...(flags !== 0 && { f: flags }) });
  }

  ended(): void {
    this.close(byServer);
  }

  /** Somebody still follows. */
  touch(): void {
    this.#timer.cancel();
    this.#timer = this.#restarted();
  }

  add(line: ChatLine): void {
    this.#lines.push(line);
    this.#units += unitsOf(line);
    while (this.#lines.length > linesAtMost || this.#units > unitsAtMost) {
      const oldest = this.#lines.shift();
      if (oldest === undefined) break;
      this.#units -= unitsOf(oldest);
      this.#dropped++;
    }
    const by = line.n === undefined ? 'Administrator' : line.n;
    const isLogged = this.#session.rates.take('chat with an administrator', logRate);
    this.#session.needs.log.write({
      time: this.#session.needs.clock.now(),
      level: isLogged ? 'info' : 'debug',
      topic: 'AdminChat',
      session: this.#session.id,
      message: clipLogText(`${by}: ${line.m}`),
    });
  }

  /** Reaches the members as an alert. */
  say(text: string): void {
    sendServerMessage(this.#session, this.#actor, { text, isAlert: true });
    this.add({ m: text });
    this.#session.said({ id: 0, name: '' }, text, 0);
  }

  from(offset: number): { offset: number; messages: ChatLine[] } {
    const end = this.#dropped + this.#lines.length;
    const start = Math.max(offset, this.#dropped);
    return { offset: start, messages: start >= end ? [] : this.#lines.slice(start - this.#dropped) };
  }

  close(actor: Actor, why = ''): void {
    if (this.#session.listener !== this) return;
    this.#session.listener = undefined;
    this.#timer.cancel();
    this.#session.recordAction({ kind: 'closeChat', actor, effect: { why } });
  }

  #restarted(): Timer {
    const { clock } = this.#session.needs;
    this.#endsAt = clock.monotonic() + this.#timeoutMs;
    return clock.after(this.#timeoutMs, () => this.close({ kind: 'rule', rule: 'chatTimeout' }, 'timeout'));
  }
}

function unitsOf({ m, n = '' }: ChatLine): number {
  return m.length + n.length;
}
