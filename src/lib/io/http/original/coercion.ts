// How the original API reads values (http.md §1.1): by JSON type, and from query strings where the same handler
// serves both.

import { reason } from '../../../core/errors/reason.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { largestCount, parseInteger } from '../../../core/units.js';

/** Text as it is; anything else is ''. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What is wrong with texts that a request is about: a number or a list is none, and would be left out in silence. */
export function textProblem(input: JsonObject, ...names: readonly string[]): string | undefined {
  const wrong = names.find((name) => input[name] !== undefined && typeof input[name] !== 'string');
  return wrong === undefined ? undefined : reason('input-not-text', { name: wrong }).text;
}

/** Only true is true. */
export function flagOf(value: unknown): boolean {
  return value === true;
}

/** A whole number of 32 bits; anything else is 0. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= largestCount ? value : 0;
}

/** A whole number from JSON or a query. */
export function requestNumber(value: unknown, fallback: number, bad: number): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) <= largestCount ? value : bad;
  }
  return typeof value === 'string' ? (parseInteger(value) ?? bad) : bad;
}

/** A flag from JSON or a query. */
export function requestFlag(value: unknown, fallback: boolean, bad: boolean): boolean {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return bad;
  const text = value.toLowerCase();
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  const number = parseInteger(text);
  return number === undefined ? bad : number !== 0;
}

/** Whether the request wants the newer form, in which lists are in an object. */
export function wantsObject(input: JsonObject): boolean {
  return requestNumber(input.v, 1, 1) >= 2;
}

/** What a setting is stored as when a request gives this value (http.md §1.6); undefined: it means nothing. */
export function settingText(value: unknown): string | undefined {
  const isSimple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isSimple ? String(value) : undefined;
}
