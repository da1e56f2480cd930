// Describes a change in text: its object and what differs. For the server log and the list of the audit trail.

import type { Change, ChangeFacts } from '../core/session/change.js';

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
  server: () => 'Server',
};

/** As a line begins with it: `Session 01m8…`, `Account 'alice'`. */
export function subjectText({ kind, name }: Pick<Change['on'], 'kind' | 'name'>): string {
  return subjects[kind](name);
}

/** `title "A" to "B", maxUserCount 3 to 9`; '' for nothing. Values are JSON, cut where they are long. */
export function changeText(before: ChangeFacts = {}, after: ChangeFacts = {}): string {
  const show = (facts: ChangeFacts, name: string) => {
    const text = Object.hasOwn(facts, name) ? JSON.stringify(facts[name]) : 'nothing';
    return text.length > shownAtMost ? `${text.slice(0, shownAtMost)}…` : text;
  };
  return Object.keys({ ...before, ...after })
    .map((name) =>
      Object.keys(before).length === 0
        ? `${name} ${show(after, name)}`
        : Object.keys(after).length === 0
          ? `${name} ${show(before, name)}`
          : `${name} ${show(before, name)} to ${show(after, name)}`,
    )
    .join(', ');
}
