// Operations on the audit trail: who changed what. Entries are made by recording.ts and by sessions (core/session/actions.ts).

import { refusal } from '../core/errors.js';
import { actorKinds } from '../core/session/actor.js';
import { subjectKinds } from '../core/session/change.js';
import type { AuditStore, Stores } from './needs.js';
import { change, look } from './operation.js';
import { purged, purgeEntries, purgeInput } from './purging.js';
import {
  anything,
  count,
  described,
  dictionary,
  integer,
  list,
  moment,
  object,
  oneWord,
  text,
} from './schema.js';

const facts = dictionary(anything);

/** What an entry says, without the number that it has in the store. */
export const auditFacts = {
  always: {
    when: moment,
    actor: object({ kind: oneWord(...actorKinds), name: text }),
    address: described(text, 'address of the actor; empty: this machine'),
    what: described(text, 'AREA.VERB, such as session.kick'),
    on: object(
      { kind: oneWord(...subjectKinds), name: text },
      { session: described(text, 'id of the session in which it is') },
    ),
  },
  sometimes: {
    before: described(facts, 'what differed before'),
    after: described(facts, 'what differs now'),
  },
} as const;

const auditEntry = object({ id: integer, ...auditFacts.always }, auditFacts.sometimes);

/** An entry as it is exported: with its moment as text. */
export const exportedChange = object(
  { id: integer, ...auditFacts.always, when: described(text, 'date and time, UTC') },
  auditFacts.sometimes,
);

export const auditOperations = {
  'audit.query': look({
    summary: 'List changes: who changed what, when and from where',
    role: 'administrator',
    input: object(
      { order: oneWord('newest', 'oldest') },
      {
        from: described(moment, 'milliseconds since 1970, inclusive'),
        until: described(moment, 'milliseconds since 1970, exclusive'),
        afterId: described(count, 'entries that came after this one'),
        by: described(list(text), 'complete names or kinds of actors, any case; one of them'),
        addresses: described(list(text), 'complete addresses; one of them'),
        what: described(list(text), 'AREA.VERB or AREA; one of them'),
        on: described(list(text), 'complete names of what was changed, any case; one of them'),
        sessions: described(list(text), 'complete ids, any case; one of them'),
        contains: described(text, 'part of the values before or after, ignoring case'),
        limit: count,
        skip: count,
      },
    ),
    output: list(auditEntry),
    run: async ({ stores }, input) => requireAudit(stores).query(input),
  }),
  'audit.purge': change(undefined, {
    summary: 'Delete old entries of the audit trail',
    input: purgeInput,
    output: purged,
    run: async ({ stores }, input) => purgeEntries(requireAudit(stores), input),
  }),
};

/** Refusal where nothing is kept. */
function requireAudit(stores: Stores): AuditStore {
  if (stores.audit !== undefined) return stores.audit;
  throw refusal('audit-not-kept');
}
