// docs/reference/operations.md, made of the rows of the operations.

import { type EventKind, eventKinds, events } from '../admin/events.js';
import type { Operation } from '../admin/operation.js';
import type { OperationName, Operations } from '../admin/operations.js';
import type { Schema } from '../admin/schema.js';
import { markdownTable } from './markdown.js';

/** The page as `npm run man` writes it. */
export function operationsPage(operations: Operations): string {
  const rows = Object.entries(operations) as [OperationName, Operation][];
  return `${[
    '# Operations',
    '',
    '<!-- Written by "npm run man" from src/lib/admin/. -->',
    '',
    'What an administrator can do: by the commands, from another machine with `--server`, and over the admin API. Each',
    'operation is `POST /api/dp/1/AREA/VERB` with its input as JSON, and answers with its output; what only looks is also',
    '`GET` with the input as JSON in `?input=`. Commands print the output with `--json`.',
    '`GET /api/dp/1/openapi.json` describes the same for programs. A `?` marks what may be left out.',
    '',
    'An operation for an `observer` neither changes anything nor shows a secret. A lock (`PUT /api/locks`) stops changes of',
    'its section over HTTP.',
    '',
    ...markdownTable([
      ['operation', 'what it does', 'for', 'lock'],
      ...rows.map(([name, { summary, role, section }]) => [
        `[${name}](#${anchorOf(name)})`,
        summary,
        role,
        section ?? '',
      ]),
    ]),
    ...rows.flatMap(([name, { summary, input, output }]) => [
      '',
      `## ${name}`,
      '',
      `${summary}.`,
      '',
      '```text',
      `input   ${shapeText(input)}`,
      `output  ${shapeText(output)}`,
      '```',
    ]),
  ].join('\n')}\n`;
}

/** Where the page describes an operation. */
function anchorOf(name: OperationName): string {
  return name.replace('.', '');
}

/** For other pages beside it. */
export function operationLink(name: OperationName): string {
  return `[${name}](operations.md#${anchorOf(name)})`;
}

/** docs/reference/events.md as `npm run man` writes it. */
export function eventsPage(): string {
  const row = (kind: EventKind) => events[kind];
  return `${[
    '# Events',
    '',
    '<!-- Written by "npm run man" from src/lib/admin/events.ts. -->',
    '',
    'What `GET /api/dp/1/events` sends as server-sent events, by the name in `event:`. The data is one JSON object. A caller',
    'gets the kinds that its role may see; section locks stop changes only, so they hide no events.',
    '',
    'Query: `kinds` (with commas between), `session` (an id), `after` (the id of the last event that arrived, as in the',
    'header `Last-Event-ID`). Events since then are sent first. If they are not available any more, or the server was',
    'restarted, the event `gap` with an empty object comes instead: load everything that you show again.',
    '',
    ...markdownTable([
      ['event', 'what it means', 'for'],
      ...eventKinds.map((kind) => [`[${kind}](#${kind})`, row(kind).summary, row(kind).role]),
    ]),
    ...eventKinds.flatMap((kind) => [
      '',
      `## ${kind}`,
      '',
      `${row(kind).summary}.`,
      '',
      '```text',
      shapeText(row(kind).data),
      '```',
    ]),
  ].join('\n')}\n`;
}

interface Part {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: false | Part;
  readonly required?: readonly string[];
  readonly items?: Part;
  readonly oneOf?: readonly Part[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly 'x-max-bytes'?: number;
  readonly 'x-expected'?: string;
}

const typeTexts: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};
/** More words than this are not listed. */
const wordsAtMost = 25;

/** ` (1 to 50)` */
function boundsText(part: Part): string {
  const { minimum, exclusiveMinimum, maximum, minLength = 0, maxLength, 'x-max-bytes': bytes } = part;
  const bounds = [
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    minimum !== undefined && (maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`),
    maximum !== undefined && minimum === undefined && `up to ${maximum}`,
    maxLength === undefined && minLength === 1 && 'not empty',
    maxLength !== undefined && `${minLength} to ${maxLength} characters`,
    bytes !== undefined && `at most ${bytes} bytes`,
    part['x-expected'],
  ].filter((bound) => typeof bound === 'string');
  return bounds.length === 0 ? '' : ` (${bounds.join(', ')})`;
}

/** A shape for people: `{`, one line for each name, `}`. */
export function shapeText(schema: Schema): string {
  return partText(schema as Part, '');
}

function partText(part: Part, indent: string): string {
  const { type, oneOf, items, properties, additionalProperties: value, required = [] } = part;
  if (oneOf) return oneOf.map((each) => partText(each, indent)).join(' or ');
  if (part.enum) return part.enum.length > wordsAtMost ? 'one of the known words' : part.enum.join(' | ');
  if (items) return `list of ${partText(items, indent)}`;
  if (value) return `{ NAME: ${partText(value, indent)}, … }`;
  if (properties === undefined) {
    const types = [type ?? []].flat().map((each) => typeTexts[each] ?? each);
    return types.length === 0 ? 'any' : types.join(' or ') + boundsText(part);
  }
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([key, each]) => {
    const words = each.description === undefined ? '' : `  — ${each.description}`;
    return `${inner}${key}${required.includes(key) ? '' : '?'}: ${partText(each, inner)}${words}`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}
