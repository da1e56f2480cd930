// Checks values against the schema of an operation: the one check of all inputs and outputs, wherever they come from
// (this process, HTTP, another program). It supports as much of JSON Schema as schema.ts produces. Unknown keys of
// an input would be ignored, so they are refused; in an output they may come from a newer server.

import { Buffer } from 'node:buffer';
import { type Reason, reason } from '../core/errors/reason.js';
import { refusal } from '../core/errors.js';
import { closest } from '../core/settings/closest.js';
import type { Bounds, Schema } from './schema.js';

/** Refusal `badInput` with the place, the reason and, for a name, the one that was meant. */
export function checkInput(name: string, schema: Schema, input: unknown): void {
  const problem = problemOf(input, schema as SchemaPart, { at: '', isOpen: false });
  if (problem === undefined) return;
  throw refusal('input-invalid', {
    place: name,
    problem: placed(problem, 'the input'),
    advice: problem.hint,
  });
}

/** Why a value is not an answer of this shape; undefined: it is one. `isOpen`: with what the schema does not name, too. */
export function answerProblem(schema: Schema, value: unknown, isOpen: boolean): Reason | undefined {
  const problem = problemOf(value, schema as SchemaPart, { at: '', isOpen });
  return problem && placed(problem, 'the answer');
}

interface Problem {
  /** Path within the value, '' for all of it. */
  at: string;
  what: Reason;
  hint?: string;
  /** How much of the value fits, to choose among alternatives. */
  depth: number;
}

interface Place {
  readonly at: string;
  readonly isOpen: boolean;
}

interface SchemaPart extends Bounds {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: false | SchemaPart;
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly items?: SchemaPart;
  readonly oneOf?: readonly SchemaPart[];
}

/** Half of a pair of UTF-16. Databases and files would keep another text than the one that was checked. */
const halfCharacter = /\p{Surrogate}/u;

function placed({ at, what }: Problem, root: string): Reason {
  return reason('input-place', { place: at === '' ? root : at, problem: what });
}

function problemOf(value: unknown, schema: SchemaPart, place: Place): Problem | undefined {
  if (schema.oneOf) return problemOfAll(value, schema.oneOf, place);
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return expected(types, place);
  if (typeof value === 'string' && !place.isOpen && halfCharacter.test(value)) {
    return { at: place.at, what: reason('input-half-character'), depth: 0 };
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return { at: place.at, what: reason('input-not-one-of', { words: schema.enum.join(' ') }), depth: 0 };
  }
  // the shape of another server's answer is its responsibility
  const unbound = place.isOpen ? undefined : boundProblem(value, schema);
  if (unbound !== undefined) return { at: place.at, what: unbound, depth: 0 };
  if (Array.isArray(value)) return problemOfList(value, schema, place);
  return typeof value === 'object' && value !== null
    ? problemOfObject(value as Readonly<Record<string, unknown>>, schema, place)
    : undefined;
}

function problemOfList(value: readonly unknown[], { items }: SchemaPart, place: Place): Problem | undefined {
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const problem = problemOf(item, items, { ...place, at: `${place.at}[${index}]` });
    if (problem) return problem;
  }
  return undefined;
}

function problemOfObject(
  value: Readonly<Record<string, unknown>>,
  schema: SchemaPart,
  { at, isOpen }: Place,
): Problem | undefined {
  const { properties = {}, additionalProperties, required = [], dependentRequired = {} } = schema;
  const given = Object.keys(value).filter((key) => value[key] !== undefined);
  const inside = (key: string) => (at === '' ? key : `${at}.${key}`);
  let depth = 0;
  for (const key of given) {
    const part = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (part === false) {
      if (isOpen) continue;
      return {
        at: inside(key),
        what: reason('input-argument-unknown'),
        hint: hintFor(key, Object.keys(properties)),
        depth,
      };
    }
    const problem = part && problemOf(value[key], part, { at: inside(key), isOpen });
    if (problem) return { ...problem, depth: problem.depth + depth };
    depth++;
  }
  const missing = required.find((key) => !given.includes(key));
  if (missing !== undefined) return { at: inside(missing), what: reason('input-missing'), depth };
  for (const [key, others] of Object.entries(dependentRequired)) {
    const other = others.find((each) => !given.includes(each));
    if (given.includes(key) && other !== undefined) {
      return { at: inside(key), what: reason('input-needs-other', { other }), depth };
    }
  }
  return undefined;
}

/** Why a text or number of the right type is not within the bounds. */
function boundProblem(value: unknown, schema: SchemaPart): Reason | undefined {
  if (typeof value === 'number') return numberProblem(value, schema);
  if (typeof value !== 'string') return undefined;
  const { minLength = 0, maxLength = Infinity, 'x-max-bytes': bytes = Infinity, pattern } = schema;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    const named = schema['x-expected'];
    return named === undefined
      ? reason('input-no-match', { pattern })
      : reason('input-not-expected', { expected: named });
  }
  // characters, as JSON Schema counts them
  const length = value.length >= minLength && value.length <= maxLength ? value.length : [...value].length;
  if (length < minLength) {
    return minLength === 1 ? reason('input-empty') : reason('input-too-short', { least: minLength });
  }
  if (length > maxLength) return reason('input-too-long', { most: maxLength, count: length });
  return Buffer.byteLength(value) > bytes ? reason('input-too-many-bytes', { most: bytes }) : undefined;
}

function numberProblem(value: number, schema: SchemaPart): Reason | undefined {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = schema;
  if (value >= minimum && value > exclusiveMinimum && value <= maximum) return undefined;
  return reason('input-not-expected', { expected: rangeText(schema) });
}

/** `a whole number from 1 to 50` */
function rangeText({ type, minimum, exclusiveMinimum, maximum }: SchemaPart): string {
  const what = [type ?? []]
    .flat()
    .map((each) => typeNames[each] ?? each)
    .join(' or ');
  if (exclusiveMinimum !== undefined) {
    return `${what} above ${exclusiveMinimum}${maximum === undefined ? '' : `, up to ${maximum}`}`;
  }
  if (minimum === undefined) return `${what} up to ${maximum}`;
  return maximum === undefined ? `${what} of at least ${minimum}` : `${what} from ${minimum} to ${maximum}`;
}

function hintFor(key: string, names: readonly string[]): string {
  const near = closest(key, names);
  if (near !== undefined) return `did you mean '${near}'?`;
  return names.length === 0 ? 'it takes none' : `it takes: ${names.join(' ')}`;
}

/** The problem of the alternative that fits best, or what all of them expect. */
function problemOfAll(value: unknown, schemas: readonly SchemaPart[], place: Place): Problem | undefined {
  const problems: Problem[] = [];
  for (const schema of schemas) {
    const problem = problemOf(value, schema, place);
    if (problem === undefined) return undefined;
    problems.push(problem);
  }
  const types = schemas.flatMap(({ type }) => type ?? []);
  if (!types.some((type) => isOfType(value, type))) return expected(types, place);
  return problems.reduce((best, problem) => (problem.depth > best.depth ? problem : best));
}

function expected(types: readonly string[], { at }: Place): Problem {
  const names = [...new Set(types.map((type) => typeNames[type] ?? type))];
  return { at, what: reason('input-not-expected', { expected: names.join(' or ') }), depth: 0 };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
