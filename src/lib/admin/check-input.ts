// Whether an input fits an operation: the one check of all inputs, wherever they come from (this process, HTTP, another
// program). It reads the schemas of operation-inputs.ts, of JSON Schema as much as stands there. What a schema does not
// name would be ignored, and is refused.

import { Refusal } from '../core/errors.js';
import { closest } from '../core/settings/closest.js';
import { operationInputs, type Schema } from './operation-inputs.js';
import type { OperationName } from './operations.js';

/** Refusal `badInput` with the place, the reason and, for a name, the one that was meant. */
export function checkInput(name: OperationName, input: unknown): void {
  const problem = problemOf(input, operationInputs[name] as SchemaPart, '');
  if (problem !== undefined) throw new Refusal('badInput', `${name}: ${problem.text}`, problem.hint);
}

interface Problem {
  text: string;
  hint?: string;
  /** How much of the value fits, to choose among alternatives. */
  depth: number;
}

interface SchemaPart extends Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: false | SchemaPart;
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly items?: SchemaPart;
  readonly oneOf?: readonly SchemaPart[];
}

function problemOf(value: unknown, schema: SchemaPart, at: string): Problem | undefined {
  if (schema.oneOf) return problemOfAll(value, schema.oneOf, at);
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return wrong(at, `expected ${types.map((type) => typeNames[type] ?? type).join(' or ')}`, 0);
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return wrong(at, `expected one of: ${schema.enum.join(' ')}`, 0);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = schema.items && problemOf(item, schema.items, `${at}[${index}]`);
      if (problem) return problem;
    }
    return undefined;
  }
  return typeof value === 'object' && value !== null
    ? problemOfObject(value as Readonly<Record<string, unknown>>, schema, at)
    : undefined;
}

function problemOfObject(
  value: Readonly<Record<string, unknown>>,
  schema: SchemaPart,
  at: string,
): Problem | undefined {
  const { properties = {}, additionalProperties, required = [], dependentRequired = {} } = schema;
  const given = Object.keys(value).filter((key) => value[key] !== undefined);
  const place = (key: string) => (at === '' ? key : `${at}.${key}`);
  let depth = 0;
  for (const key of given) {
    const part = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (part === false) {
      const near = closest(key, Object.keys(properties));
      const names = Object.keys(properties).join(' ');
      return {
        text: `${place(key)}: there is no such argument`,
        hint:
          near === undefined
            ? names === ''
              ? 'it takes none'
              : `it takes: ${names}`
            : `did you mean '${near}'?`,
        depth,
      };
    }
    const problem = part && problemOf(value[key], part, place(key));
    if (problem) return { ...problem, depth: problem.depth + depth };
    depth++;
  }
  const missing = required.find((key) => !given.includes(key));
  if (missing !== undefined) return wrong(place(missing), 'is missing', depth);
  for (const [key, others] of Object.entries(dependentRequired)) {
    const other = others.find((each) => !given.includes(each));
    if (given.includes(key) && other !== undefined) {
      return wrong(place(key), `has no effect without ${other}`, depth);
    }
  }
  return undefined;
}

/** The problem of the alternative that fits best. */
function problemOfAll(value: unknown, schemas: readonly SchemaPart[], at: string): Problem | undefined {
  let best: Problem | undefined;
  for (const schema of schemas) {
    const problem = problemOf(value, schema, at);
    if (problem === undefined) return undefined;
    if (best === undefined || problem.depth > best.depth) best = problem;
  }
  return best;
}

function wrong(at: string, what: string, depth: number): Problem {
  return { text: `${at === '' ? 'the input' : at}: ${what}`, depth };
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
