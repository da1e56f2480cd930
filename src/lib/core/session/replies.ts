// The replies that a server sends inside a session, as data (sessions.md §10 and §12). command.ts frames them.
import { Buffer } from 'node:buffer';
import { frameReply, type JsonObject } from '../protocol/command.js';
import { makeFrame, messageType } from '../protocol/frame.js';

/** Keys by which clients translate a message (sessions.md §12). */
export type MessageKey =
  | 'ban'
  | 'kick'
  | 'opgive'
  | 'optake'
  | 'opgiveinvite'
  | 'trustgive'
  | 'trusttake'
  | 'trustgiveinvite'
  | 'outofspace'
  | 'resetprepareby'
  | 'resetpreparecurrent'
  | 'resetpreparepast'
  | 'resetprepareexternal'
  | 'resetcancel'
  | 'resetfailed'
  | 'terminatesession'
  | 'terminatesessionreason'
  | 'terminatesessionadmin'
  | 'closeunsupported'
  | 'kickwebusers';

export type ResetStage = 'prepare' | 'cancel' | 'failed';

const empty = Buffer.alloc(0);

/** Of replies that always fit: what goes into them is bounded elsewhere. */
function frameShort(reply: JsonObject, contextId = 0): Buffer {
  return frameReply(reply, contextId) ?? makeFrame(messageType.command, contextId, Buffer.from('{}'));
}

export const replies = {
  message: (text: string) => frameShort({ type: 'msg', message: text }),
  alert: (text: string) => frameShort({ type: 'alert', message: text }),
  keyed: (
    type: 'msg' | 'alert',
    key: MessageKey,
    parameters: Record<string, string>,
    text: string,
    reset?: ResetStage,
  ) =>
    frameShort({
      type,
      message: text,
      T: key,
      ...(Object.keys(parameters).length > 0 && { P: parameters }),
      ...(reset && { reset }),
    }),
  error: (command: string, text: string) => frameShort({ type: 'error', message: `${command}: ${text}` }),
  /** Undefined when the list in it is too long for one message. */
  sessionConf: (config: JsonObject, hidx?: string) =>
    frameReply({ type: 'sessionconf', config, ...(hidx !== undefined && { hidx }) }),
  catchup: (count: number, key: number | undefined) =>
    frameShort({ type: 'catchup', count, ...(key !== undefined && { key }) }),
  caughtUp: (key: number, hidx?: string) =>
    frameShort({ type: 'caughtup', key, ...(hidx !== undefined && { hidx }) }),
  status: (sizeBytes: number, position?: string) =>
    frameShort({
      type: 'status',
      size: clampSize(sizeBytes),
      ...(position !== undefined && { 'hid*': position }),
    }),
  sizeLimit: (sizeBytes: number, maxBytes: number) =>
    frameShort({ type: 'sizelimit', size: clampSize(sizeBytes), maxSize: clampSize(maxBytes) }),
  resetInit: () => frameShort({ type: 'reset', state: 'init', message: 'Prepared to receive session data' }),
  resetDone: () => frameShort({ type: 'reset', state: 'reset', message: 'Session reset!' }),
  outOfSpace: () => frameShort({ type: 'outofspace' }),
  autoResetQuery: (maxBytes: number, payload: string) =>
    frameShort({ type: 'autoreset', maxSize: clampSize(maxBytes), query: true, payload }),
  autoResetRequest: (maxBytes: number, correlator?: string) =>
    frameShort({
      type: 'autoreset',
      maxSize: clampSize(maxBytes),
      query: false,
      ...(correlator !== undefined && { correlator, stream: 'gzip1' }),
    }),
  streamStart: (contextId: number, correlator: string, hidx?: string) =>
    frameShort({ type: 'sstart', correlator, ...(hidx !== undefined && { hidx }) }, contextId),
  streamProgress: (cancel: boolean) => frameShort({ type: 'sprogress', cancel }),
  passwordChange: (password: string) => frameShort({ type: 'passwordchange', password }),
  inviteCreated: (secret: string) => frameShort({ type: 'invitecreated', secret }),
  banExport: (text: string) => frameReply({ type: 'banimpex', export: text }),
  banImport: (imported: number, total: number) => frameShort({ type: 'banimpex', imported, total }),
  banProblem: (key: string, text: string) => frameShort({ type: 'banimpex', error: text, T: key }),
  thumbnailRequest: (request: JsonObject) => frameShort({ type: 'thumbnail', ...request }),
};

/** Sizes are signed 32-bit numbers to clients (sessions.md §10). */
export function clampSize(bytes: number): number {
  return Math.min(bytes, 0x7fffffff);
}

// Messages of other types that the server makes itself.

export const serverMessages = {
  join: (id: number, flags: number, name: string, avatar: Uint8Array) => {
    const nameBytes = Buffer.from(name);
    return makeFrame(
      messageType.join,
      id,
      Buffer.concat([Buffer.from([flags, nameBytes.length]), nameBytes, avatar]),
    );
  },
  leave: (id: number) => makeFrame(messageType.leave, id, empty),
  sessionOwner: (by: number, ids: readonly number[]) =>
    makeFrame(messageType.sessionOwner, by, Buffer.from(ids)),
  trustedUsers: (by: number, ids: readonly number[]) =>
    makeFrame(messageType.trustedUsers, by, Buffer.from(ids)),
  softReset: () => makeFrame(messageType.softReset, 0, empty),
  privateChat: (from: number, to: number, oflags: number, text: string) =>
    makeFrame(messageType.privateChat, from, Buffer.concat([Buffer.from([to, oflags]), Buffer.from(text)])),
  disconnect: (reason: number, text: string) =>
    makeFrame(messageType.disconnect, 0, Buffer.concat([Buffer.from([reason]), Buffer.from(text)])),
};
