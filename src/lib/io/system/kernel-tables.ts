// What the kernel shows of the system in /proc; nothing where there is no such thing.

import { readRegular, sizeLimits } from '../files/regular-file.js';

/** The columns of each row of a table, without the titles. */
export function rowsOf(table: string): string[][] {
  return readKernelText(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

/** '': it cannot be read. */
export function readKernelText(file: string): string {
  try {
    return readRegular(file, sizeLimits.exchange).bytes.toString('latin1');
  } catch {
    return '';
  }
}
