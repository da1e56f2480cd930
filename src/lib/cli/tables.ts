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
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map(({ value }) => printable(`${value(row) ?? ''}`)));
  const natural = columns.map((_, index) =>
    cells.reduce(
      (widest, line) => Math.max(widest, stringWidth(line[index] ?? '')),
      stringWidth(titles[index] ?? ''),
    ),
  );
  const widths =
    look.width === undefined ? natural : shrink(natural, columns, look.width - gap * (columns.length - 1));
  const lined = (text: string, index: number): string[] => {
    const width = widths[index];
    if (look.width === undefined || width === undefined) return [text];
    return look.isCut ? [cut(text, width)] : wrap(text, width);
  };
  // Broken into lines here: cli-table3 cuts words that are longer than a column. The rest is its work.
  const lines = [titles, ...cells].map((line, at) =>
    linesOf(line.map(lined), at === 0 ? look.title : undefined),
  );
  const isLong = lines.some((part) => part.some((line) => line.some((text) => text.length > longest)));
  const all = lines.flat();
  const draw = isLong || all.length > mostLines ? drawn : drawnByLibrary;
  return draw(all, columns, widths);
}

/** The library takes a time that grows with the square of the length of a cell, and of the number of lines. */
const longest = 500;
const mostLines = 1000;

type Columns = readonly Pick<Column<never>, 'align'>[];

/** Each line of a row, as texts in its columns. */
function linesOf(parts: readonly (readonly string[])[], style = (text: string) => text): string[][] {
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) =>
    parts.map((part) => (part[at] === undefined || part[at] === '' ? '' : style(part[at]))),
  );
}

function drawnByLibrary(lines: readonly string[][], columns: Columns, widths: readonly number[]): string {
  // loaded at the first table: most commands print none, and start-up counts
  const Table = require('cli-table3') as typeof import('cli-table3');
  const table = new Table({
    colWidths: widths.map((width) => width + gap),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    chars: noFrame,
  });
  for (const line of lines) table.push(line);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function drawn(lines: readonly string[][], columns: Columns, widths: readonly number[]): string {
  const padded = (text: string, index: number) => {
    const blank = ' '.repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(text)));
    return columns[index]?.align === 'right' ? `${blank}${text}` : `${text}${blank}`;
  };
  return lines.map((line) => line.map(padded).join(' '.repeat(gap)).trimEnd()).join('\n');
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
      const shrinkable = widths.map((width, index) =>
        takesAll || columns[index]?.isUncut !== true ? width : 0,
      );
      const widest = Math.max(...shrinkable);
      if (widest <= narrowest) break;
      widths[shrinkable.indexOf(widest)] = widest - 1;
      excess -= 1;
    }
  }
  return widths;
}

/** A segmenter takes longer for each part of a longer text. */
const pieceLength = 256;
/** Most texts are made of characters that take one column. */
const allPlain = /^[ -~]*$/;

/** What is shown in one place each: characters with what is put on top of them. */
function* placesOf(text: string): Generator<string> {
  if (allPlain.test(text)) {
    yield* text;
    return;
  }
  const places = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (let at = 0; at < text.length; ) {
    const isHalf = (text.codePointAt(at + pieceLength - 1) ?? 0) > 0xffff;
    const piece = text.slice(at, at + pieceLength - (isHalf ? 1 : 0));
    at += piece.length;
    for (const { segment } of places.segment(piece)) yield segment;
  }
}

/** Measuring takes a while. */
const widthOfPlace = (place: string): number =>
  place.length === 1 && allPlain.test(place) ? 1 : stringWidth(place);

/** The beginning of a text that fits, marked where something is missing. */
export function cut(text: string, width: number): string {
  let kept = '';
  let taken = 0;
  let fitting = '';
  for (const place of placesOf(text)) {
    const own = widthOfPlace(place);
    if (taken + own > width) return `${fitting.trimEnd()}…`;
    kept += place;
    taken += own;
    if (taken < width) fitting = kept;
  }
  return text;
}

/** Lines of at most so many columns, broken between words where there are any. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let taken = 0;
  const end = () => {
    lines.push(line.trimEnd());
    line = '';
    taken = 0;
  };
  for (const word of text.split(/(?<= )/)) {
    const bare = word.trimEnd();
    if (line !== '' && taken + stringWidth(bare) > width) end();
    for (const place of placesOf(bare)) {
      const own = widthOfPlace(place);
      // one that is wider than the column still needs a line
      if (line !== '' && taken + own > width) end();
      line += place;
      taken += own;
    }
    line += word.slice(bare.length);
    taken += word.length - bare.length;
  }
  if (line.trimEnd() !== '' || lines.length === 0) end();
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
