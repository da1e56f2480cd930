// `serve.env` in the data folder: start options that `dp init` wrote down and `dp serve` begins with, as lines
// NAME=VALUE with the names of environment variables. systemd reads the same file as an EnvironmentFile.

import { Fault } from '../../core/errors.js';
import { plainReason, readRegular, sizeLimits } from '../files/regular-file.js';
import { dataFiles, dataFolder } from './data-folder.js';

/** The variables of a data folder; none when it has no such file. What the real environment says goes first. */
export function readStartFile(folder: string): Record<string, string> {
  const file = dataFiles(folder).startup;
  try {
    return parseStartText(readRegular(file, sizeLimits.startOptions).bytes.toString('utf8'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new Fault(`${file} can't be read: ${plainReason(cause)}`, {
      cause,
      hint: 'Check who may read it.',
    });
  }
}

export function parseStartText(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const at = line.indexOf('=');
    if (line.startsWith('#') || at <= 0) continue;
    values[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return values;
}

/** `text` with these variables set, or taken out where they are undefined; all else stays as it is. */
export function editStartText(text: string, changes: ReadonlyMap<string, string | undefined>): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const left = new Map(changes);
  const edited = lines.flatMap((raw) => {
    const name = raw.trim().startsWith('#') ? undefined : raw.split('=', 1)[0]?.trim();
    if (name === undefined || !changes.has(name)) return [raw];
    const value = left.get(name);
    // a name that is there twice is written once
    left.delete(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  for (const [name, value] of left) if (value !== undefined) edited.push(`${name}=${value}`);
  return edited.length === 0 ? '' : `${edited.join('\n')}\n`;
}

/**
 * The environment that a server starts with: that of the process over the start file of its data folder. A server
 * that is told where its data is (`--database`, `--config`) or to keep none has no business with a start file.
 */
export function startEnvironment(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  const isTold = ['config', 'database', 'ephemeral'].some(
    (name) => flags[name] !== undefined || env[`DP_${name.toUpperCase()}`],
  );
  if (isTold) return { ...env };
  const folder = typeof flags.data === 'string' ? flags.data : dataFolder({ env });
  return { ...readStartFile(folder), ...env };
}
