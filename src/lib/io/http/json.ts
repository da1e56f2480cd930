// JSON as the original servers write it: four spaces, keys in order of their code points, a newline at the end.

import type { FastifyReply } from 'fastify';
import { escapeHidden } from '../../core/printable.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined: none are kept. */
    rowTexts?: RowTexts;
  }
}

/**
 * The bytes of rows that do not change any more (frozen objects): lists of hundreds of people are asked for again and
 * again, and few of them are others than before. Bytes, as long texts would be garbage that stops everybody.
 */
export class RowTexts {
  /** By row and by how deep it stands. */
  readonly #texts = new WeakMap<object, Buffer[]>();

  /** On a new line, with a comma behind. */
  of(row: object, depth: number): Buffer {
    const known = this.#texts.get(row) ?? [];
    if (known.length === 0) this.#texts.set(row, known);
    known[depth] ??= rowBytes(row, depth);
    return known[depth];
  }
}

function rowBytes(row: object, depth: number): Buffer {
  const pieces = new Pieces();
  pieces.begin(depth);
  pieces.write(row, depth);
  return pieces.end(',');
}

export function formatJson(value: unknown, rows?: RowTexts): Buffer {
  const pieces = new Pieces(rows);
  pieces.write(value, 0);
  return pieces.end('\n');
}

class Pieces {
  readonly #rows: RowTexts | undefined;
  readonly #done: Buffer[] = [];
  /** Only ever added to: a text that is cut is copied first, all of it, and large answers would be copied for each bracket. */
  #text = '';
  /** After an item: a comma follows if another item does. */
  #isCommaDue = false;

  constructor(rows?: RowTexts) {
    this.#rows = rows;
  }

  begin(depth: number): void {
    this.#writeComma();
    this.#text += lineBreak(depth);
  }

  write(value: unknown, depth: number): void {
    if (Array.isArray(value)) this.#writeList(value, depth);
    else if (typeof value === 'object' && value !== null) this.#writeObject(value, depth);
    else this.#text += JSON.stringify(value) ?? 'null';
  }

  end(last: string): Buffer {
    this.#text += last;
    this.#flush();
    return Buffer.concat(this.#done);
  }

  #writeList(items: readonly unknown[], depth: number): void {
    if (items.length === 0) this.#text += '[]';
    else {
      this.#text += '[';
      for (const item of items) this.#writeItem(item, depth + 1);
      this.#close(']', depth);
    }
  }

  #writeItem(item: unknown, depth: number): void {
    if (this.#rows && typeof item === 'object' && item !== null && Object.isFrozen(item)) {
      this.#writeComma();
      this.#flush();
      this.#done.push(this.#rows.of(item, depth));
      return;
    }
    this.begin(depth);
    this.write(item, depth);
    this.#isCommaDue = true;
  }

  #writeComma(): void {
    if (this.#isCommaDue) this.#text += ',';
    this.#isCommaDue = false;
  }

  #writeObject(from: object, depth: number): void {
    const keys = Object.keys(from).sort();
    const items = keys.map((key) => [key, (from as Record<string, unknown>)[key]] as const).filter(isWritten);
    if (items.length === 0) this.#text += '{}';
    else {
      this.#text += '{';
      for (const [key, item] of items) {
        this.begin(depth + 1);
        this.#text += `${JSON.stringify(key)}: `;
        this.write(item, depth + 1);
        this.#isCommaDue = true;
      }
      this.#close('}', depth);
    }
  }

  /** There is no comma behind the last item; a row ends with one. */
  #close(bracket: string, depth: number): void {
    if (!this.#isCommaDue) this.#done.push(this.#done.pop()?.subarray(0, -1) ?? Buffer.of());
    this.#isCommaDue = false;
    this.#text += `${lineBreak(depth)}${bracket}`;
  }

  #flush(): void {
    if (this.#text !== '') this.#done.push(Buffer.from(escapeHidden(this.#text)));
    this.#text = '';
  }
}

const lineBreak = (depth: number) => `\n${' '.repeat(4 * depth)}`;

/** What JSON has nothing for is left out of objects. */
const isWritten = ([, value]: readonly [string, unknown]) =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';

/** Sends a body as JSON; undefined is an empty one. The type goes without a charset, as clients know it. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  reply.code(status).header('content-type', 'application/json');
  return reply.send(body === undefined ? Buffer.of() : formatJson(body, reply.server.rowTexts));
}
