// Events of a running server as lines for people.

import type { ServerEvent } from '../admin/admin.js';
import { printable } from '../core/printable.js';
import { isJsonObject, type JsonObject } from '../core/protocol/command.js';
import { formatDateTime, formatTimestamp } from '../core/units.js';

/** `2026-11-29T05:03:40Z person session.kick Mia in 01m8…` */
export function eventLine({ kind, data }: ServerEvent): string {
  if (kind === 'gap') return 'gap: some events before this are not kept any more';
  const words = wordsOf[kind]?.(data) ?? JSON.stringify(data);
  const when = data.when ?? data.time;
  return printable(`${typeof when === 'number' ? `${formatTimestamp(when)} ` : ''}${kind} ${words}`);
}

const inSession = ({ session }: JsonObject) => (session === undefined ? '' : ` in ${session}`);
const changed = (data: JsonObject) =>
  `${data.what}${data.name === undefined || data.name === '' ? '' : ` ${data.name}`}${inSession(data)}`;

const wordsOf: Readonly<Record<string, (data: JsonObject) => string>> = {
  session: ({ session, what }) => `${session} ${what}`,
  person: changed,
  ban: changed,
  account: changed,
  chat: ({ session, name, text, isAction }) =>
    isAction === true ? `* ${name} ${text} in ${session}` : `${name} in ${session}: ${text}`,
  report: (data) => `${data.text || data.what}${inSession(data)}`,
  note: (data) => `${data.what} ${data.name}`,
  setting: ({ what, names }) => `${what} ${(names as string[]).join(', ')}`,
  audit: ({ what, actor, on }) => `${what} ${subjectOf(on)} by ${actorOf(actor)}`,
  log: (data) => `${data.level}/${data.topic} ${data.message}${inSession(data)}`,
  health: ({ isReady, problems, certificate }) =>
    [
      isReady === true ? 'ready' : `not ready: ${(problems as string[]).join('; ')}`,
      ...(isJsonObject(certificate) ? [certificateText(certificate)] : []),
    ].join('; '),
};

function certificateText({ validUntil, isSelfSigned, problems }: Record<string, unknown>): string {
  const kind = isSelfSigned === true ? 'self-signed certificate' : 'certificate';
  const failed = (problems as string[]).map((problem) => `; no new certificate: ${problem}`).join('');
  return `${kind} valid until ${formatDateTime(validUntil as number)} UTC${failed}`;
}

function subjectOf(on: unknown): string {
  if (!isJsonObject(on)) return '';
  return `${[on.kind, on.name].filter((word) => word !== '').join(' ')}${inSession(on)}`;
}

function actorOf(by: unknown): string {
  if (!isJsonObject(by)) return '';
  return by.name === '' ? String(by.kind) : `${by.kind} ${by.name}`;
}
