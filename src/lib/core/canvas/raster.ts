// Which pixels a polygon covers, and how much of each: exact areas, all in integers (pixels 6.4).

/** In 26.6 fixed point. */
export interface Point {
  x: number;
  y: number;
}

/** A run of pixels that are covered equally, 1 to 255. */
export interface Span {
  x: number;
  y: number;
  length: number;
  coverage: number;
}

/** Spans that are handed over at a time. */
const GROUP = 256;

/** Covered area and height that one pixel gets from the edges crossing it. */
interface Cell {
  cover: number;
  area: number;
}

/** One unit is 1/256 pixel. */
const UNIT = 256;

function floorDivide(a: number, b: number): [quotient: number, rest: number] {
  const quotient = Math.floor(a / b);
  return [quotient, a - quotient * b];
}

class Cells {
  readonly #width: number;
  readonly #height: number;
  /** By row, by column; column -1 collects what lies left of the picture. */
  readonly rows = new Map<number, Map<number, Cell>>();

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  add(row: number, column: number, cover: number, area: number): void {
    if (row < 0 || row >= this.#height || column >= this.#width) return;
    const at = Math.max(column, -1);
    let cells = this.rows.get(row);
    if (cells === undefined) {
      cells = new Map();
      this.rows.set(row, cells);
    }
    const cell = cells.get(at);
    if (cell === undefined) {
      cells.set(at, { cover, area });
    } else {
      cell.cover += cover;
      cell.area += area;
    }
  }

  /** From (x1, y1) to (x2, y2) in 24.8 fixed point. */
  addEdge(x1: number, y1: number, x2: number, y2: number): void {
    const lastRow = y2 >> 8;
    let row = y1 >> 8;
    const fy1 = y1 & 255;
    const fy2 = y2 & 255;
    if (row === lastRow) {
      this.#addInRow(row, x1, fy1, x2, fy2);
      return;
    }
    const isDown = y2 > y1;
    const first = isDown ? UNIT : 0;
    const step = isDown ? 1 : -1;
    const dx = x2 - x1;
    if (dx === 0) {
      const column = x1 >> 8;
      const twice = 2 * (x1 & 255);
      let from = fy1;
      for (; row !== lastRow; row += step) {
        this.add(row, column, first - from, twice * (first - from));
        from = UNIT - first;
      }
      this.add(row, column, fy2 - from, twice * (fy2 - from));
      return;
    }
    const dy = Math.abs(y2 - y1);
    let [delta, mod] = floorDivide((isDown ? UNIT - fy1 : fy1) * dx, dy);
    let x = x1 + delta;
    this.#addInRow(row, x1, fy1, x, first);
    row += step;
    if (row !== lastRow) {
      const [lift, rest] = floorDivide(UNIT * dx, dy);
      mod -= dy;
      for (; row !== lastRow; row += step) {
        delta = lift;
        mod += rest;
        if (mod >= 0) {
          mod -= dy;
          delta++;
        }
        this.#addInRow(row, x, UNIT - first, x + delta, first);
        x += delta;
      }
    }
    this.#addInRow(row, x, UNIT - first, x2, fy2);
  }

  /** A piece of an edge inside one row; ya, yb are fractions. */
  #addInRow(row: number, xa: number, ya: number, xb: number, yb: number): void {
    if (ya === yb) return;
    const lastColumn = xb >> 8;
    let column = xa >> 8;
    const fxa = xa & 255;
    const fxb = xb & 255;
    if (column === lastColumn) {
      this.add(row, column, yb - ya, (fxa + fxb) * (yb - ya));
      return;
    }
    const isRight = xb > xa;
    const first = isRight ? UNIT : 0;
    const step = isRight ? 1 : -1;
    const dx = Math.abs(xb - xa);
    let [delta, mod] = floorDivide((isRight ? UNIT - fxa : fxa) * (yb - ya), dx);
    this.add(row, column, delta, (fxa + first) * delta);
    let y = ya + delta;
    column += step;
    if (column !== lastColumn) {
      const [lift, rest] = floorDivide(UNIT * (yb - ya), dx);
      mod -= dx;
      for (; column !== lastColumn; column += step) {
        delta = lift;
        mod += rest;
        if (mod >= 0) {
          mod -= dx;
          delta++;
        }
        this.add(row, column, delta, UNIT * delta);
        y += delta;
      }
    }
    delta = yb - y;
    this.add(row, column, delta, (fxb + UNIT - first) * delta);
  }
}

/** The polygon's pixels inside width x height, by rows from above, in groups as clients hand them over. */
export function rasterize(
  polygon: readonly Point[],
  width: number,
  height: number,
  paint: (spans: readonly Span[]) => void,
): void {
  const cells = new Cells(width, height);
  polygon.forEach((from, index) => {
    const to = polygon[(index + 1) % polygon.length]!;
    cells.addEdge(from.x * 4, from.y * 4, to.x * 4, to.y * 4);
  });
  let group: Span[] = [];
  const emit = (x: number, y: number, length: number, value: number) => {
    const coverage = Math.min(Math.abs(value >> 9), 255);
    if (coverage === 0) return;
    const last = group.at(-1);
    if (last !== undefined && last.y === y && last.x + last.length === x && last.coverage === coverage) {
      last.length += length;
      return;
    }
    if (group.length >= GROUP) {
      paint(group);
      group = [];
    }
    group.push({ x, y, length, coverage });
  };
  for (const row of [...cells.rows.keys()].sort((a, b) => a - b)) {
    const line = [...cells.rows.get(row)!].sort(([a], [b]) => a - b);
    let cover = 0;
    let x = 0;
    for (const [column, cell] of line) {
      if (column > x && cover !== 0) emit(x, row, column - x, cover * 512);
      cover += cell.cover;
      const value = cover * 512 - cell.area;
      if (column >= 0 && value !== 0) emit(column, row, 1, value);
      x = column + 1;
    }
    if (x < width && cover !== 0) emit(x, row, width - x, cover * 512);
  }
  if (group.length > 0) paint(group);
}
