// TABLE of the kinds of events that a running server sends (event-feed.ts): the shape of the data, and the role that
// may get it. The OpenAPI document and docs/reference/events.md derive from it. An event says what changed and
// where; details are requested by operations. To add a kind: one row, and the code that publishes it.

import { auditFacts } from './audit.js';
import { followedEntry } from './log.js';
import type { Role } from './needs.js';
import { followRole } from './operation.js';
import type { Schema } from './schema.js';
import { described, flag, integer, list, moment, object, oneOf, oneWord, orNull, text } from './schema.js';

const session = described(text, 'id of the session');
const what = described(text, 'AREA.VERB as in the audit trail');

interface EventRow {
  readonly summary: string;
  /** As of the operation that shows the same. */
  readonly role: Role;
  readonly data: Schema;
}

export const events = {
  session: {
    summary: 'A session is new, has changed or has ended',
    role: 'observer',
    data: object({
      when: moment,
      session,
      what: described(text, 'changed, ended, or AREA.VERB of an action'),
    }),
  },
  person: {
    summary: 'Somebody joined or left, or something was done to them',
    role: 'moderator',
    data: object(
      { when: moment, what: described(text, 'join, leave, or AREA.VERB of an action') },
      { session, name: text },
    ),
  },
  chat: {
    summary: 'A user said something to everyone in a session, or an administrator who talks with it did',
    role: 'moderator',
    data: object(
      { when: moment, session, name: described(text, 'empty: an administrator'), text },
      {
        user: described(integer, 'user id in the session'),
        isAction: described(flag, 'shown as "NAME does something"'),
      },
    ),
  },
  log: { summary: 'A new entry of the log', role: followRole, data: followedEntry },
  report: {
    summary: 'Somebody reported abuse, a report could not be delivered, or one was closed or opened again',
    role: 'moderator',
    data: object(
      { when: moment, text: described(text, 'empty: nothing was reported now') },
      { session, name: text, what },
    ),
  },
  ban: {
    summary: 'A ban of the server or of a session was added, changed or removed',
    role: 'moderator',
    data: object({ when: moment, what, name: text }, { session }),
  },
  note: {
    summary: 'A note about somebody was added or deleted',
    role: 'moderator',
    data: object({ when: moment, what, name: described(text, 'kind and target') }),
  },
  setting: {
    summary: 'Settings, list servers, external bans or section locks changed',
    role: 'observer',
    data: object({ when: moment, what, names: list(text) }),
  },
  account: {
    summary: 'An account, an API token or a login changed',
    role: 'administrator',
    data: object({ when: moment, what, name: text }),
  },
  file: {
    summary: 'A backup or template was added, or a file deleted',
    role: 'administrator',
    data: object({ when: moment, what, name: described(text, 'KIND/NAME') }),
  },
  audit: {
    summary: 'A new entry of the audit trail',
    role: 'administrator',
    data: object(auditFacts.always, auditFacts.sometimes),
  },
  health: {
    summary: 'The server became ready or not ready, the reasons changed, or its certificate did',
    role: 'observer',
    data: object({
      when: moment,
      isReady: flag,
      problems: list(text),
      certificate: described(
        orNull(
          object({
            validUntil: moment,
            isSelfSigned: flag,
            problems: described(list(text), 'why the last order of a new one failed'),
          }),
        ),
        'null: there is none',
      ),
    }),
  },
} as const satisfies Readonly<Record<string, EventRow>>;

export type EventKind = keyof typeof events;
export const eventKinds = Object.keys(events) as EventKind[];

/** An event with its kind and number, as one line. */
export const eventShape: Schema = oneOf(
  ...eventKinds.map((kind) => object({ id: text, kind: oneWord(kind), data: events[kind].data })),
);
