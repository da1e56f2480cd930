// Abuse reports, notes and people who were seen, as columns and lines.

import type { Note } from '../admin/needs.js';
import type { OutputOf } from '../admin/operations.js';
import { showMoment } from './moments.js';
import { Args } from './oclif.js';
import type { Column } from './tables.js';

type Report = OutputOf<'report.list'>[number];
type Seen = OutputOf<'user.find'>[number];
type Said = OutputOf<'chat.recent'>[number];

export const reportArg = Args.integer({ required: true, min: 1, description: 'Number of the report' });

const stateOf = ({ closed }: Report) => (closed ? `closed by ${closed.by || 'an administrator'}` : 'open');

export const reportColumns: readonly Column<Report>[] = [
  { title: 'id', value: ({ id }) => id, align: 'right' },
  { title: 'when', value: ({ when }) => showMoment(when, '') },
  { title: 'reporter', value: ({ reporter }) => reporter.name },
  { title: 'about', value: ({ about }) => about?.name ?? '' },
  { title: 'session', value: ({ session, title }) => title || session },
  { title: 'text', value: ({ text }) => text },
  { title: 'state', value: stateOf },
];

export function reportFacts(report: Report): (readonly [string, string])[] {
  const { id, when, reporter, about, session, title, text, closed } = report;
  return [
    ['report', String(id)],
    ['when', showMoment(when, '')],
    ['reporter', `${reporter.name} (${reporter.address}${reporter.isRegistered ? ', account' : ''})`],
    ['about', about ? `${about.name} (${about.address})` : 'nobody in particular'],
    ['session', title === '' ? session : `${title} (${session})`],
    ['text', text],
    ['state', stateOf(report)],
    ...(closed ? ([['closed', showMoment(closed.when, '')]] as const) : []),
    ...(closed?.comment ? ([['comment', closed.comment]] as const) : []),
  ];
}

export const noteColumns: readonly Column<Note>[] = [
  { title: 'id', value: ({ id }) => id, align: 'right' },
  { title: 'about', value: ({ kind, target }) => `${kind} ${target}`, isUncut: true },
  { title: 'note', value: ({ text }) => text },
  { title: 'by', value: ({ by }) => by },
  { title: 'when', value: ({ when }) => showMoment(when, '') },
];

export const seenColumns: readonly Column<Seen>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'address', value: ({ address }) => address, isUncut: true },
  { title: 'online', value: ({ isOnline }) => (isOnline ? 'yes' : '') },
  { title: 'last seen', value: ({ lastSeen }) => showMoment(lastSeen, '') },
  { title: 'sessions', value: ({ sessions }) => sessions.join(' ') },
];

/** `12:00:03 hana: hello` */
export function saidText({
  when,
  name,
  text,
  isAction,
}: Pick<Said, 'when' | 'name' | 'text'> & { isAction?: boolean }): string {
  const time = new Date(when).toISOString().slice(11, 19);
  const who = name === '' ? 'Administrator' : name;
  return isAction === true ? `${time} * ${who} ${text}` : `${time} ${who}: ${text}`;
}
