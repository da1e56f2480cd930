// Describes a change in text: its object and what differs. For the server log and the list of the audit trail.

import type { Change, ChangeFacts } from '../core/session/change.js';
import { formatDateTime } from '../core/units.js';

const shownAtMost = 200;

/** By kind. */
const subjects: Readonly<Record<Change['on']['kind'], (name: string) => string>> = {
  session: (name) => `Session ${name}`,
  user: (name) => `User '${name}'`,
  connection: (name) => `Connection ${name}`,
  account: (name) => `Account '${name}'`,
  ban: (name) => `Ban ${name}`,
  settings: (name) => `Settings ${name}`,
  'list servers': () => 'Allowed list servers',
  'external bans': (name) => (name === '' ? 'External ban list' : `External ban ${name}`),
  locks: () => 'Section locks',
  log: () => 'Log',
  audit: () => 'Audit trail',
  token: (name) => `Token '${name}'`,
  login: (name) => `Login of '${name}'`,
  report: (name) => `Abuse report ${name}`,
  note: (name) => `Note about ${name}`,
  file: (name) => `File ${name}`,
  server: () => 'Server',
};

/** As a line begins with it: `Session 01m8…`, `Account 'alice'`. */
export function subjectText({ kind, name }: Pick<Change['on'], 'kind' | 'name'>): string {
  return subjects[kind](name);
}

/** Facts that are moments, in milliseconds since 1970; null is for good. */
const momentNames: readonly string[] = ['expires'];

function valueText(name: string, value: unknown): string {
  if (momentNames.includes(name) && value === null) return 'never';
  if (momentNames.includes(name) && typeof value === 'number') return `${formatDateTime(value)} UTC`;
  const text = JSON.stringify(value);
  return text.length > shownAtMost ? `${text.slice(0, shownAtMost)}…` : text;
}

/**
 * `title "A" to "B", maxUserCount 3 to 9`; '' for nothing. Values are JSON, cut where they are long. Of what is new, empty
 * values are left out.
 */
export function changeText(before: ChangeFacts = {}, after: ChangeFacts = {}): string {
  const isNew = Object.keys(before).length === 0;
  const isGone = Object.keys(after).length === 0;
  return Object.keys({ ...before, ...after })
    .filter((name) => !isNew || after[name] !== '')
    .map((name) => {
      const was = Object.hasOwn(before, name) ? valueText(name, before[name]) : undefined;
      const is = Object.hasOwn(after, name) ? valueText(name, after[name]) : undefined;
      if (was === undefined) return `${name} ${is}`;
      return isGone ? `${name} ${was}` : `${name} ${was} to ${is ?? 'nothing'}`;
    })
    .join(', ');
}
