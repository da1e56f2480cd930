// Converts changes, log entries and the certificate's state to events.

import type { Change } from '../core/session/change.js';
import type { LogEntry } from '../core/session/needs.js';
import type { EventKind } from './events.js';
import type { LiveCertificate } from './live.js';

/** An event that has no number yet. */
export interface Made {
  readonly kind: EventKind;
  readonly session: string | undefined;
  readonly data: unknown;
}

const sessionBans: readonly string[] = ['session.ban', 'session.unban', 'session.importBans'];

/** The audit entry, and what it is to those who may not see that. */
export function eventsOf(change: Change): Made[] {
  const { when, what, on } = change;
  const session = on.session ?? (on.kind === 'session' ? on.name : undefined);
  const within = session === undefined ? {} : { session };
  const made: Made[] = [{ kind: 'audit', session, data: change }];
  const add = (kind: EventKind, data: object) =>
    void made.push({ kind, session, data: { when, what, ...data } });
  switch (on.kind) {
    case 'session':
      add('session', within);
      break;
    case 'user':
    case 'connection':
      add('person', { ...within, name: on.name });
      break;
    case 'ban':
      add('ban', { name: on.name });
      break;
    case 'report':
      add('report', { ...within, text: '' });
      break;
    case 'note':
      add('note', { name: on.name });
      break;
    case 'file':
      add('file', { name: on.name });
      break;
    case 'account':
    case 'token':
    case 'login':
      add('account', { name: on.name });
      break;
    case 'settings':
    case 'list servers':
    case 'external bans':
    case 'locks':
      add('setting', { names: on.name === '' ? [] : on.name.split(' ') });
      break;
    default:
  }
  if (sessionBans.includes(what)) add('ban', { ...within, name: on.name });
  return made;
}

/** The entry, and what it is to those who may not see that. */
export function eventsOfEntry(entry: LogEntry): Made[] {
  const { time: when, topic, session, user, message } = entry;
  const made: Made[] = [{ kind: 'log', session, data: entry }];
  const about = { when, ...(session !== undefined && { session }), ...(user && { name: user.name }) };
  if (topic === 'Join' || topic === 'Leave') {
    made.push({ kind: 'person', session, data: { ...about, what: topic.toLowerCase() } });
  }
  if (topic === 'Report') made.push({ kind: 'report', session, data: { ...about, text: message } });
  return made;
}

/** Of an event of the kind `health`; null: there is no certificate. */
export function certificateHealth(certificate: LiveCertificate | undefined) {
  if (certificate === undefined) return null;
  const { validUntil, isSelfSigned } = certificate.facts;
  const problems = certificate.renewal?.progress.failures.map(({ message }) => message) ?? [];
  return { validUntil, isSelfSigned, problems };
}
