// Schemas of inputs and outputs of operations: JSON Schema as plain data, built by the functions below, with the
// static type that belongs to it. check-shape.ts checks values.

import { lastMoment } from '../core/units.js';

declare const fits: unique symbol;

/** A JSON Schema that values of type `T` fit. The type exists for the compiler only. */
export interface Schema<out T = unknown> {
  readonly [key: string]: unknown;
  readonly [fits]?: T;
}

/** The type of what fits a schema. Nobody changes what was handed to them. */
export type Static<S extends Schema> = S extends Schema<infer T> ? T : never;

type Properties = Readonly<Record<string, Schema>>;
type ObjectOf<Required extends Properties, Optional extends Properties> = Flat<
  { readonly [Key in keyof Required]: Static<Required[Key]> } & {
    readonly [Key in keyof Optional]?: Static<Optional[Key]>;
  }
>;
/** One object in the eyes of people who read an error of the compiler. */
type Flat<T> = { [Key in keyof T]: T[Key] };

export const text: Schema<string> = { type: 'string' };
export const integer: Schema<number> = { type: 'integer' };
export const number: Schema<number> = { type: 'number' };
export const flag: Schema<boolean> = { type: 'boolean' };
export const moment: Schema<number> = { type: 'number', description: 'milliseconds since 1970' };
/** When something ends. */
export const expiry: Schema<number | null> = {
  type: ['number', 'null'],
  description: 'milliseconds since 1970; null: for good',
};
/** Whatever JSON can say. */
export const anything: Schema = { description: 'any value' };

/** The same with words about it, for those who read the description of the API. */
export function described<T>(schema: Schema<T>, description: string): Schema<T> {
  return { ...schema, description };
}

/** What a text or a number may be, in the words of JSON Schema; `maxBytes` (of UTF-8) is ours. */
export interface Bounds {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  /** In characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly 'x-max-bytes'?: number;
  /** A regular expression that is found somewhere in it. */
  readonly pattern?: string;
  /** What a pattern stands for, for people; completes "expected …". */
  readonly 'x-expected'?: string;
}

/** A shape with bounds. Null, where it may be null as well, is within any. */
export function within<T extends string | number | null>(schema: Schema<T>, bounds: Bounds): Schema<T> {
  return { ...schema, ...bounds };
}

/** An expiry that is asked for: a date that can be written, or null. */
export const newExpiry = within(expiry, { minimum: 0, maximum: lastMoment });

export const notEmpty = within(text, { pattern: '\\S', 'x-expected': 'a text that is not empty' });
/** What somebody writes about a person or a report, for others to read: kept by the thousand. */
export const remark = within(text, { maxLength: 2_000 });
/** A place in a list, a number of things: from 0 on. */
export const count = within(integer, { minimum: 0 });

export function oneWord<const Words extends readonly string[]>(...words: Words): Schema<Words[number]> {
  return { type: 'string', enum: words };
}

export function list<T>(items: Schema<T>): Schema<readonly T[]> {
  return { type: 'array', items };
}

/** Any names, each with a value of this shape. */
export function dictionary<T>(value: Schema<T>): Schema<{ readonly [name: string]: T }> {
  return { type: 'object', additionalProperties: value };
}

/** `effects`: what has an effect together with others only, and these. */
export function object<
  const Required extends Properties,
  const Optional extends Properties = Record<never, never>,
>(
  required: Required,
  optional?: Optional,
  effects?: Readonly<Record<string, readonly string[]>>,
): Schema<ObjectOf<Required, Optional>> {
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...required, ...optional },
    required: Object.keys(required),
    ...(effects && { dependentRequired: effects }),
  };
}

/** One of these shapes. */
export function oneOf<const Shapes extends readonly Schema[]>(
  ...shapes: Shapes
): Schema<Static<Shapes[number]>> {
  return { oneOf: shapes };
}

/** What it is, or null. */
export function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return { oneOf: [schema, { type: 'null' }] };
}

export const nothing = object({});
