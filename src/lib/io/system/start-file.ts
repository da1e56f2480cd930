// `serve.env` in the data folder: start options that `dp init` wrote down and `dp serve` begins with, as lines
// NAME=VALUE with the names of environment variables. systemd reads the same file as an EnvironmentFile.

import * as path from 'node:path';
import { fault, refusal } from '../../core/errors.js';
import { editVariables, parseVariables, type VariableProblem } from '../../core/settings/variable-text.js';
import { unknownVariables, vainVariables } from '../../core/settings/variables.js';
import { ownerToActAs } from '../files/acting-user.js';
import { reasonOf, sizeLimits, UnusableFile } from '../files/regular-file.js';
import { readTextFile } from '../files/text-file.js';
import { dataFiles, dataFolder } from './data-folder.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of a data folder's start file, none when it has no such file, and what is wrong in it. Refusal or
 * Fault when there is one that cannot be read: without its options the server would be another one.
 */
export function readStartFile(folder: string): {
  values: Record<string, string>;
  problems: VariableProblem[];
} {
  const file = dataFiles(folder).startup;
  const read = readText(file);
  if (read === undefined) return { values: {}, problems: [] };
  const { values, problems } = parseVariables(read.text);
  return {
    values,
    problems: [
      ...problems,
      ...unknownVariables(Object.keys(values), { isOurs: true }),
      ...vainVariables(values),
      ...(read.isUtf8
        ? []
        : [{ message: 'it is UTF-16, which systemd cannot read', hint: 'save the file as UTF-8' }]),
    ].map(({ line, message, hint }) => ({
      message: `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
      ...(hint !== undefined && { hint }),
    })),
  };
}

/** What the start file is to say after these changes; undefined values are taken out. */
export function editedStartFile(folder: string, changes: ReadonlyMap<string, string | undefined>): string {
  const head =
    '# Start options of dp serve, written by "dp init". Variables of the environment and flags win over them.\n';
  return editVariables(readText(dataFiles(folder).startup)?.text ?? head, changes);
}

function readText(file: string): { text: string; isUtf8: boolean } | undefined {
  try {
    // Root does not follow a link in a folder of somebody else's: what it says of the file is read by that one.
    const refusesLink = ownerToActAs(path.dirname(file)) !== undefined;
    const { text, encoding } = readTextFile(file, sizeLimits.startOptions, { refusesLink });
    return { text, isUtf8: encoding === 'utf-8' };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const reason = reasonOf(cause);
    if (cause instanceof UnusableFile) {
      throw refusal('start-file-unusable', { file, reason });
    }
    throw fault('start-file-unreadable', { file, reason }, cause);
  }
}

/**
 * The environment that a server starts with, that of the process over the start file of its data folder, and what is
 * wrong in either. A server that uses no data folder does not use a start file.
 */
export function startEnvironment(
  flags: Readonly<Record<string, unknown>>,
  env: Environment = process.env,
): { environment: Record<string, string | undefined>; problems: VariableProblem[] } {
  const ofProcess = unknownVariables(Object.keys(env).filter((name) => env[name] !== undefined));
  const isGiven = (name: string) => {
    const said = flags[name] ?? env[`DP_${name.toUpperCase()}`];
    return said !== undefined && said !== false && said !== '';
  };
  const isEphemeral =
    isGiven('ephemeral') && !['false', '0'].includes(String(flags.ephemeral ?? env.DP_EPHEMERAL));
  if (isEphemeral || isGiven('config') || isGiven('database') || (isGiven('sessions') && !isGiven('data'))) {
    return { environment: { ...env }, problems: ofProcess };
  }
  const folder = typeof flags.data === 'string' ? flags.data : dataFolder({ env });
  const { values, problems } = readStartFile(folder);
  return { environment: { ...values, ...env }, problems: [...problems, ...ofProcess] };
}
