// Rows of facts as a table that fits the terminal, or as CSV.

import { createRequire } from 'node:module';
import stringWidth from 'string-width';
import { printable, printableLines } from '../core/printable.js';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string | number | boolean | undefined;
  /** Numbers read better on the right. */
  align?: 'left' | 'right';
  /** For what people copy, such as ids: other columns make room first. */
  isUncut?: boolean;
}

export interface TableLook {
  /** Columns of the screen; undefined: as wide as it gets. */
  width?: number | undefined;
  /** How titles are marked. */
  title?: (text: string) => string;
  /** One line per row: long cells are cut instead of wrapped. */
  isCut?: boolean;
}

const gap = 2;
const narrowest = 6;
const require = createRequire(import.meta.url);

/** Lines of a table without frame: titles, then one line per row; long cells wrap where the width is known. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  look: TableLook = {},
): string {
  // loaded at the first table: most commands print none, and start-up counts
  const Table = require('cli-table3') as typeof import('cli-table3');
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map(({ value }) => printable(`${value(row) ?? ''}`)));
  const natural = columns.map((_, index) =>
    Math.max(...[titles, ...cells].map((line) => stringWidth(line[index] ?? ''))),
  );
  const widths =
    look.width === undefined ? natural : shrink(natural, columns, look.width - gap * (columns.length - 1));
  // Broken into lines here: cli-table3 cuts words that are longer than a column. The rest is its work: columns, gaps,
  // sides, and the mark where a cell is cut.
  const lined = (text: string, index: number) => {
    const width = widths[index];
    return look.width === undefined || look.isCut || width === undefined ? [text] : wrap(text, width);
  };
  const table = new Table({
    head: titles.map((title, index) =>
      lined(title, index)
        .map((line) => look.title?.(line) ?? line)
        .join('\n'),
    ),
    colWidths: widths.map((width) => width + gap),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    chars: noFrame,
  });
  for (const line of cells) table.push(line.map((text, index) => lined(text, index).join('\n')));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const noFrame = Object.fromEntries(
  ['top', 'bottom', 'left', 'right']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('mid', 'mid-mid', 'middle')
    .map((name) => [name, '']),
);

/** Takes from the widest columns until all fit; from columns that should not be cut only when nothing else is left. */
function shrink(natural: readonly number[], columns: readonly Column<never>[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  for (const takesAll of [false, true]) {
    while (excess > 0) {
      const givers = widths.map((width, index) => (takesAll || columns[index]?.isUncut !== true ? width : 0));
      const widest = Math.max(...givers);
      if (widest <= narrowest) break;
      widths[givers.indexOf(widest)] = widest - 1;
      excess -= 1;
    }
  }
  return widths;
}

/** The beginning of a text that fits, marked where something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Lines of at most so many columns, broken between words where there are any. */
function wrap(text: string, width: number): string[] {
  if (stringWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/)) {
    if (line !== '' && stringWidth(line + word.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
    while (stringWidth(line.trimEnd()) > width) {
      let count = 0;
      const characters = [...line];
      while (stringWidth(characters.slice(0, count + 1).join('')) <= width) count += 1;
      // one that is wider than the column still needs a line
      const head = characters.slice(0, Math.max(1, count)).join('');
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trimEnd() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/** RFC 4180 with a title line; lines end in `\n`. */
export function formatCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const line = (cells: readonly string[]) => cells.map((cell) => csvCell(printableLines(cell))).join(',');
  return [
    line(columns.map(({ title }) => title)),
    ...rows.map((row) => line(columns.map(({ value }) => `${value(row) ?? ''}`))),
  ].join('\n');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
