// Reconstructs a session whose journal is lost from its history: the settings that clients received and the users. A
// history does not contain passwords, only that there was one.
import type { Buffer } from 'node:buffer';
import { reason } from '../errors/reason.js';
import { isJsonObject, type JsonObject } from '../protocol/command.js';
import { frameContextId, frameLength, frameType, headerBytes, messageType } from '../protocol/frame.js';
import { readSettings } from '../settings/session-setting-reading.js';
import { type SettingKey, sessionFlags, shownKeys, valueKeys } from '../settings/session-settings.js';
import { type Doubt, emptySaved, type SavedSession } from './saved.js';

/** Longer ones hold no settings: they are not taken apart. */
const configBytesAtMost = 16 * 1024;

export class HistoryFacts {
  messages = 0;
  #config: JsonObject | undefined;
  #founder = '';
  readonly #userIds = new Map<string, number>();

  /** Takes complete frames, in their order; answers with how many bytes of `bytes` they were. */
  add(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const next = at + frameLength(bytes, at);
      if (next > bytes.length) break;
      this.messages++;
      const type = frameType(bytes, at);
      if (type === messageType.join) this.#addJoin(frameContextId(bytes, at), bytes, at + headerBytes, next);
      else if (type === messageType.command) this.#addReply(bytes, at + headerBytes, next);
      at = next;
    }
    return at;
  }

  /** A session made of it, and why not everything about it is known. It is persistent: nobody is in it yet. */
  sessionOf(id: string, protocol: string): { saved: SavedSession; doubts: Doubt[] } {
    const saved = emptySaved(id, protocol);
    const config = this.#config ?? {};
    const { values } = readSettings(config);
    saved.founder = this.#founder || '-';
    const shown: readonly SettingKey[] = shownKeys('members', 'always');
    for (const key of valueKeys) {
      if (shown.includes(key) && values[key] !== undefined) Object.assign(saved, { [key]: values[key] });
    }
    for (const flag of sessionFlags) if (config[flag] === true) saved.flags.add(flag);
    saved.flags.add('persistent');
    for (const [name, userId] of this.#userIds) saved.userIds.set(name, userId);
    return { saved, doubts: this.#doubts() };
  }

  #doubts(): Doubt[] {
    if (!this.#config) return [{ isShut: true, why: reason('doubt-password-unknown') }];
    const doubts: Doubt[] = [];
    if (this.#config.hasPassword === true) doubts.push({ isShut: true, why: reason('doubt-password-lost') });
    if (this.#config.hasOpword === true) doubts.push({ isShut: true, why: reason('doubt-opword-lost') });
    return doubts;
  }

  #addJoin(id: number, bytes: Buffer, start: number, end: number): void {
    if (end - start < 2) return;
    const nameEnd = start + 2 + bytes.readUInt8(start + 1);
    if (nameEnd > end) return;
    const name = bytes.toString('utf8', start + 2, nameEnd);
    this.#founder ||= name;
    this.#userIds.set(name, id);
  }

  #addReply(bytes: Buffer, start: number, end: number): void {
    if (end - start > configBytesAtMost) return;
    const text = bytes.toString('utf8', start, end);
    if (!text.includes('"sessionconf"')) return;
    try {
      const reply: unknown = JSON.parse(text);
      if (!isJsonObject(reply) || reply.type !== 'sessionconf' || !isJsonObject(reply.config)) return;
      this.#config = { ...this.#config, ...reply.config };
    } catch {
      // Nothing that a server wrote.
    }
  }
}
