// How an error looks in a terminal: what failed, a hint on what to do, and with --verbose its code
// (docs/reference/errors.md).

import { printable } from '../core/printable.js';
import { styled, type Terminal } from './terminal.js';

/** Lines for standard error, each with its label. */
export function errorLines(
  terminal: Terminal,
  error: { readonly message: string; readonly hint?: string | undefined; readonly code?: string | undefined },
): string {
  const label = styled(terminal, 'red', 'error:', 'stderr');
  return [
    `${label} ${aligned(error.message, 'error:')}\n`,
    error.hint === undefined ? '' : hintLine(error.hint),
    error.code === undefined ? '' : `code: ${error.code}\n`,
  ].join('');
}

export function hintLine(hint: string): string {
  return `hint: ${aligned(hint, 'hint:')}\n`;
}

/** A text may have several lines, which stand below each other; whatever else moves the cursor is shown as text. */
function aligned(text: string, label: string): string {
  return text
    .split('\n')
    .map(printable)
    .join(`\n${' '.repeat(label.length + 1)}`);
}
