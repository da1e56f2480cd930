// Pictures of the canvas that an administrator requests from a client (sessions.md §19).
import { Buffer } from 'node:buffer';
import type { JsonObject } from '../protocol/command.js';
import type { Action, ActionRecorder } from './actions.js';
import type { Actor } from './actor.js';
import type { Member } from './member.js';
import type { Clock, StoredSession } from './needs.js';
import { replies } from './replies.js';
import type { SessionLogger } from './session-log-writer.js';

export interface Thumbnail {
  bytes: Buffer;
  /** Milliseconds since 1970. */
  at: number;
}

export interface HandedThumbnails {
  readonly isForgotten: boolean;
  readonly count: number;
  readonly pending: { readonly id: number; readonly correlator: string } | undefined;
  readonly latest: Thumbnail | undefined;
}

export interface ThumbnailsSession extends SessionLogger, ActionRecorder {
  readonly needs: { readonly clock: Pick<Clock, 'now'> };
  readonly stored: Pick<StoredSession, 'loadThumbnail' | 'removeThumbnail' | 'saveThumbnail'>;
}

export class Thumbnails {
  readonly #session: ThumbnailsSession;
  #isForgotten = false;
  #count = 0;
  #pending: { member: Member; correlator: string } | undefined;
  /** The newest one. */
  latest: Thumbnail | undefined;

  constructor(session: ThumbnailsSession) {
    this.#session = session;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Who was asked and has not answered. */
  get pending(): { readonly member: Member; readonly correlator: string } | undefined {
    return this.#pending;
  }

  /** The newest one, also of before a restart. */
  load(done: (thumbnail: Thumbnail | undefined) => void): void {
    const { stored } = this.#session;
    if (this.latest || !stored.loadThumbnail || this.#isForgotten) {
      done(this.latest);
      return;
    }
    stored.loadThumbnail((found) => {
      if (found && !this.latest && !this.#isForgotten)
        this.latest = { bytes: Buffer.from(found.bytes), at: found.at };
      done(this.latest);
    });
  }

  /** Nobody is shown the newest one any more, after a restart either. `done` gets what is in the way of that. */
  remove(actor: Actor, done: (error: Error | undefined) => void): Action<'removeThumbnail'> {
    const action = { kind: 'removeThumbnail', actor, effect: { at: this.latest?.at } } as const;
    this.latest = undefined;
    this.#isForgotten = true;
    this.#session.recordAction(action);
    const { stored } = this.#session;
    if (stored.removeThumbnail) stored.removeThumbnail(done);
    else done(undefined);
    return action;
  }

  /** Asks a member; its answer replaces `latest`. A request that is under way is forgotten. `reason`: for the log. */
  request(actor: Actor, member: Member, options: JsonObject, reason: string): Action<'askForThumbnail'> {
    const now = this.#session.needs.clock.now();
    const correlator = `${(++this.#count).toString(16)}:${now.toString(16)}`;
    this.#pending = { member, correlator };
    const effect = { person: member.logUser, correlator, reason };
    const action = { kind: 'askForThumbnail', actor, effect } as const;
    this.#session.recordAction(action);
    // The reason is not for people in the session, so only the log of the server has it.
    if (reason !== '') this.#session.writeLog('debug', 'Status', `Thumbnail requested: ${reason}`);
    member.send(replies.thumbnailRequest({ ...options, correlator }));
    return action;
  }

  /** Undefined: nobody was asked. */
  cancel(actor: Actor): Action<'cancelThumbnail'> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    if (!pending) return undefined;
    const action = { kind: 'cancelThumbnail', actor, effect: { person: pending.member.logUser } } as const;
    this.#session.recordAction(action);
    return action;
  }

  /** A Thumbnail message (4): the correlator, directly followed by the image file. */
  receive(member: Member, bytes: Buffer, start: number, end: number): void {
    const pending = this.#pending;
    const at = start + (pending?.correlator.length ?? 0);
    if (
      pending?.member !== member ||
      end <= at ||
      bytes.toString('latin1', start, at) !== pending.correlator
    ) {
      this.#session.writeLog('warn', 'Status', 'Sent a thumbnail that was not requested', member.logUser);
      return;
    }
    this.#pending = undefined;
    this.latest = { bytes: Buffer.from(bytes.subarray(at, end)), at: this.#session.needs.clock.now() };
    this.#isForgotten = false;
    this.#session.stored.saveThumbnail(this.latest.bytes);
    this.#session.writeLog('info', 'Status', 'Thumbnail received', member.logUser);
  }

  /** `thumbnail-error` */
  failed(member: Member, correlator: string, text: string): void {
    if (this.#pending?.member !== member || this.#pending.correlator !== correlator) {
      this.#session.writeLog(
        'warn',
        'RuleBreak',
        'Reported the failure of a thumbnail that was not requested',
        member.logUser,
      );
      return;
    }
    this.#pending = undefined;
    this.#session.writeLog('warn', 'Status', `Cannot create a thumbnail: ${text}`, member.logUser);
  }

  /** For a successor of this process. */
  handOver(): HandedThumbnails {
    const pending = this.#pending && { id: this.#pending.member.id, correlator: this.#pending.correlator };
    return { isForgotten: this.#isForgotten, count: this.#count, pending, latest: this.latest };
  }

  takeOver(handed: HandedThumbnails, memberOf: (id: number) => Member | undefined): void {
    this.#isForgotten = handed.isForgotten;
    this.#count = handed.count;
    this.latest = handed.latest;
    const member = handed.pending && memberOf(handed.pending.id);
    if (handed.pending && member) this.#pending = { member, correlator: handed.pending.correlator };
  }

  forget(member: Member): void {
    if (this.#pending?.member === member) this.#pending = undefined;
  }
}
