// INDEX of the operations on stored data and on a running server: the file of each area, the first word of their
// names. `dp` commands, admin API, remote administration and documentation use these rows. To add an operation: one
// row in the file of its area.

import type { Operation } from './operation.js';

// a short command needs one of these files, not all: they are loaded when they are used
const areas = {
  config: async () => (await import('./settings.js')).settingOperations,
  user: async () => ({
    ...(await import('./users.js')).userOperations,
    ...(await import('./seen-people.js')).seenOperations,
    ...(await import('./password-reset.js')).passwordResetOperations,
  }),
  report: async () => (await import('./reports.js')).reportOperations,
  note: async () => (await import('./notes.js')).noteOperations,
  ban: async () => ({
    ...(await import('./bans.js')).banOperations,
    ...(await import('./ban-exchange.js')).banExchangeOperations,
  }),
  log: async () => (await import('./log.js')).logOperations,
  token: async () => (await import('./grants.js')).tokenOperations,
  login: async () => (await import('./grants.js')).loginOperations,
  audit: async () => (await import('./audit.js')).auditOperations,
  listserver: async () => (await import('./list-servers.js')).listServerOperations,
  session: async () => ({
    ...(await import('./sessions.js')).sessionOperations,
    ...(await import('./session-create.js')).sessionCreateOperations,
    ...(await import('./session-entry.js')).sessionEntryOperations,
    ...(await import('./session-export.js')).sessionExportOperations,
    ...(await import('./session-recording.js')).sessionRecordingOperations,
    ...(await import('./stored-sessions.js')).storedSessionOperations,
  }),
  chat: async () => (await import('./chat.js')).chatOperations,
  thumbnail: async () => (await import('./thumbnails.js')).thumbnailOperations,
  file: async () => (await import('./files.js')).fileOperations,
  online: async () => (await import('./online.js')).onlineOperations,
  extban: async () => (await import('./server.js')).externalBanOperations,
  certificate: async () => (await import('./certificates.js')).certificateOperations,
  server: async () => ({
    ...(await import('./server.js')).serverOperations,
    ...(await import('./usage.js')).usageOperations,
    ...(await import('./locks.js')).lockOperations,
  }),
} as const satisfies { readonly [area: string]: () => Promise<object> };

type Area = keyof typeof areas;
type RowsOf<Name extends Area> = Awaited<ReturnType<(typeof areas)[Name]>>;
/** A row belongs to the area that its name begins with. */
type Rows = {
  readonly [Name in Area as keyof RowsOf<Name> & `${Name}.${string}`]: RowsOf<Name>;
};

export type OperationName = keyof Rows;
type RowOf<Name extends OperationName> = Rows[Name][Name & keyof Rows[Name]];

export type InputOf<Name extends OperationName> =
  RowOf<Name> extends Operation<infer Input, infer _> ? Input : never;
export type OutputOf<Name extends OperationName> =
  RowOf<Name> extends Operation<infer _, infer Output> ? Output : never;

/** All rows by name, for those who need them all. */
export type Operations = Readonly<Record<OperationName, Operation>>;

/** Each area by name, put together at its first use only: a server looks for a row with each request. */
const loaded = Object.fromEntries(
  Object.entries(areas).map(([name, load]) => [name, once<object>(load)]),
) as typeof areas;

function once<Rows>(load: () => Promise<Rows>): () => Promise<Rows> {
  let rows: Promise<Rows> | undefined;
  return () => {
    rows ??= load().catch((error: unknown) => {
      rows = undefined;
      throw error;
    });
    return rows;
  };
}

/** The row of an operation. */
export async function operationOf(name: OperationName): Promise<Operation> {
  const rows = await loaded[name.split('.')[0] as Area]();
  // the name is one of the area's, which the compiler cannot see from the text before the dot
  return rows[name as keyof typeof rows];
}

/** All of them, with their code: a server that gives up its privileges may not be able to read it later. */
export async function loadOperations(): Promise<Operations> {
  const [rows] = await Promise.all([
    Promise.all(Object.values(areas).map((load) => load())),
    import('./live.js'),
  ]);
  return Object.assign({}, ...rows);
}
