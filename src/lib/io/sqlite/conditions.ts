// Conditions of a query that depend on a filter: only what is given becomes one, and values are never part of the SQL.

export class Conditions {
  readonly #terms: string[] = [];
  readonly values: unknown[] = [];

  add(sql: string, ...values: readonly unknown[]): void {
    this.#terms.push(sql);
    this.values.push(...values);
  }

  /** `WHERE …` for all of them together; '' where there are none. */
  get where(): string {
    return this.#terms.length > 0 ? `WHERE ${this.#terms.join(' AND ')}` : '';
  }
}

/** A condition for a list of values, which are to follow in their order. */
export function isIn(column: string, list: readonly string[]): string {
  return `${column} IN (${list.map(() => '?').join(', ')})`;
}

/** As `dp_lower` of the connection makes texts; SQLite's own lower() and LIKE only know the letters of ASCII. */
export function lowered(list: readonly string[]): string[] {
  return list.map((text) => text.toLowerCase());
}
