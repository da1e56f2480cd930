// TABLE of every error that users or programs get, one file per area. To add one: one row in its area's file.

import { accountErrors } from './accounts.js';
import { banErrors } from './bans.js';
import { certificateErrors } from './certificates.js';
import { dataErrors } from './data.js';
import { fileErrors } from './files.js';
import { pictureErrors } from './pictures.js';
import type { Reason } from './reason.js';
import { recordingErrors } from './recordings.js';
import { remoteErrors } from './remote.js';
import type { ErrorKind, ErrorRow, ErrorValue, ParameterOf } from './rows.js';
import { serverErrors } from './server.js';
import { sessionErrors } from './sessions.js';
import { settingErrors } from './settings.js';
import { systemErrors } from './system.js';
import { terminalErrors } from './terminal.js';

/** By area, as docs/reference/errors.md lists them. */
export const errorAreas = {
  terminal: { title: 'The command line', rows: terminalErrors },
  files: { title: 'Files and folders', rows: fileErrors },
  sessions: { title: 'Sessions', rows: sessionErrors },
  accounts: { title: 'Accounts', rows: accountErrors },
  bans: { title: 'Bans', rows: banErrors },
  server: { title: 'Servers, log and list servers', rows: serverErrors },
  settings: { title: 'Settings and start options', rows: settingErrors },
  data: { title: 'Data, database and backups', rows: dataErrors },
  system: { title: 'Ports, certificates, users and services', rows: systemErrors },
  certificates: { title: 'Certificates from an authority', rows: certificateErrors },
  recordings: { title: 'Recordings and templates', rows: recordingErrors },
  pictures: { title: 'Pictures and films', rows: pictureErrors },
  remote: { title: 'The admin API', rows: remoteErrors },
} as const;

export const errorCatalogue = {
  ...terminalErrors,
  ...fileErrors,
  ...sessionErrors,
  ...accountErrors,
  ...banErrors,
  ...serverErrors,
  ...settingErrors,
  ...dataErrors,
  ...systemErrors,
  ...certificateErrors,
  ...recordingErrors,
  ...pictureErrors,
  ...remoteErrors,
};

export type ErrorCatalogue = typeof errorCatalogue;
export type ErrorCode = keyof ErrorCatalogue;

type CodeOfKind<Kind extends ErrorKind> = {
  [Code in ErrorCode]: ErrorCatalogue[Code]['kind'] extends Kind ? Code : never;
}[ErrorCode];

/** Codes of what was understood and is not done. */
export type RefusalCode = CodeOfKind<Exclude<ErrorKind, 'fault'>>;
/** Codes of surroundings that failed: our own, or the way to a server. */
export type FaultCode = CodeOfKind<'fault' | 'unreachable'>;

type Row<Code extends ErrorCode> = ErrorCatalogue[Code];
type HintOf<Row> = Row extends { hint: infer Hint } ? Hint : '';
type NameOf<Code extends ErrorCode> = ParameterOf<Row<Code>['text']> | ParameterOf<HintOf<Row<Code>>>;

/**
 * The parameters of a row's text and hint; `near`, what was probably meant, where it has a hint for that; and `advice`,
 * the hint of a reason or problem that knows better than the row. A `Reason` brings its hint along.
 */
export type ErrorParameters<Code extends ErrorCode> = {
  readonly [Name in NameOf<Code>]: ErrorValue | Reason;
} & (Row<Code> extends {
  near: string;
}
  ? { readonly near?: string | undefined }
  : unknown) &
  (NameOf<Code> & ('reason' | 'problem') extends never ? unknown : { readonly advice?: string | undefined });

export function errorRow(code: ErrorCode): ErrorRow {
  return errorCatalogue[code];
}

export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(errorCatalogue, text);
}
