// What a translation of an operation into requests of the original admin API is, and what translations share.

import type { InputOf, OperationName, OutputOf } from '../../../admin/operations.js';
import { type Refusal, refusal } from '../../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../../core/protocol/command.js';

export type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<unknown>;
export type Translation<Name extends OperationName> = (
  ask: Ask,
  input: InputOf<Name>,
) => Promise<Translated<OutputOf<Name>>>;
/** An answer of an original is passed on where it has our keys; what it lacks is added, and what is wrong is found. */
type Translated<Output> = Output | PassedOn;
type PassedOn = { readonly passedOn: unknown };

export async function passedOn(answer: Promise<unknown>): Promise<PassedOn> {
  return { passedOn: await answer };
}

export function isPassedOn(translated: unknown): translated is PassedOn {
  return typeof translated === 'object' && translated !== null && 'passedOn' in translated;
}

export function lacking(what: string): Refusal {
  return refusal('original-cannot', { what });
}

export const part = (value: unknown) => encodeURIComponent(String(value));
export const rows = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
