// Operations on abuse reports: what users reported, with what was said before, until a moderator closes it.

import { refusal } from '../core/errors.js';
import type { ReportStore, StoredReport, Stores } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
import {
  count,
  described,
  flag,
  integer,
  list,
  moment,
  object,
  orNull,
  remark,
  type Static,
  text,
} from './schema.js';

const person = object({ name: text, address: text, isRegistered: described(flag, 'has an account') });
const about = object({
  user: described(integer, 'user id in the session'),
  name: text,
  address: text,
  sid: described(text, 'system id of the client; empty: unknown'),
});
const closing = object({
  when: moment,
  by: described(text, 'name of the login; empty: nobody in particular'),
  comment: described(text, 'what was done about it'),
});
const facts = {
  id: integer,
  when: moment,
  session: described(text, 'id of the session'),
  title: described(text, 'of the session'),
  reporter: person,
  about: described(orNull(about), 'null: about nobody in particular'),
  text: described(text, 'what the reporter wrote'),
  closed: described(orNull(closing), 'null: open'),
} as const;
const report = object(facts);
export const saidLine = object({
  when: moment,
  user: described(integer, 'user id in the session; 0: an administrator'),
  name: described(text, 'empty: an administrator'),
  text,
  isAction: described(flag, 'shown as "NAME does something"'),
});
/** The same as it is shown to whoever follows a conversation. */
export const shownLine = object({
  when: moment,
  name: described(text, 'empty: an administrator'),
  text,
  isAction: flag,
});
const fullReport = object({ ...facts, chat: described(list(saidLine), 'what was said before') });
export type ReportView = Static<typeof report>;

const one = object({ id: integer });
const moderator = { role: 'moderator' } as const;

export const reportOperations = {
  'report.list': look({
    summary: 'List abuse reports',
    ...moderator,
    input: object({}, { withClosed: flag, limit: count }),
    output: described(list(report), 'the newest first'),
    run: async ({ stores }, { withClosed = false, limit }) => {
      const found = await requireReports(stores).query({
        ...(!withClosed && { isOpen: true }),
        ...(limit !== undefined && { limit }),
      });
      return found.map(viewOf);
    },
  }),
  'report.get': look({
    summary: 'Show an abuse report with what was said before',
    ...moderator,
    input: one,
    output: fullReport,
    run: async ({ stores }, { id }) => {
      const found = await requireReport(stores, id);
      return { ...viewOf(found), chat: found.chat };
    },
  }),
  'report.close': change(undefined, {
    summary: 'Close an abuse report',
    ...moderator,
    input: object({ id: integer }, { comment: described(remark, 'what was done about it') }),
    output: report,
    run: closeReport,
  }),
  'report.reopen': change(undefined, {
    summary: 'Open a closed abuse report again',
    ...moderator,
    input: one,
    output: report,
    run: async ({ stores }, { id }) => {
      await requireReport(stores, id);
      if (!(await requireReports(stores).close(id, undefined))) throw refusal('report-open', { id });
      return viewOf(await requireReport(stores, id));
    },
  }),
};

async function closeReport(
  { stores, now, caller }: AdminNeeds,
  { id, comment = '' }: { id: number; comment?: string },
): Promise<ReportView> {
  await requireReport(stores, id);
  const by = caller?.name ?? 'local';
  const isDone = await requireReports(stores).close(id, { when: now(), by, comment });
  const found = await requireReport(stores, id);
  // the first of two who close it at once has done it
  if (!isDone) throw refusal('report-closed', { id, by: found.closed?.by ?? '' });
  return viewOf(found);
}

async function requireReport(stores: Stores, id: number): Promise<StoredReport> {
  const found = await requireReports(stores).get(id);
  if (found) return found;
  throw refusal('report-not-found', { id });
}

function requireReports({ reports }: Stores): ReportStore {
  if (reports !== undefined) return reports;
  throw refusal('reports-not-kept');
}

function viewOf({ about, closed, chat: _, ...report }: StoredReport): ReportView {
  return { ...report, about: about ?? null, closed: closed ?? null };
}
