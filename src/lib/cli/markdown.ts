// Pieces of the reference pages in docs/reference/.

/** A table with blanks, as the formatter wants it; the first row is its head. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const [head, ...rest] = rows.map(line);
  return [head!, line(widths.map((width) => '-'.repeat(width))), ...rest];
}
