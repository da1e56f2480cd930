// Compares what a connection received with what the recording says, by the rules of test/vectors/README.md:
// two lanes, each in order; of type 0 messages the JSON without what differs from run to run.

import {
  describe,
  type Frame,
  frame as frameOf,
  type Json,
  type JsonObject,
  jsonOf,
  messageType,
  viewFrame,
} from '../helpers/wire.js';
import type { Effect } from './differences.js';

export type Lane = 'direct' | 'history';

/** The one-key configs that are sent directly and never stored (sessions.md §9.2). */
const fragments = new Set(['announcements', 'banlist', 'muted', 'auth', 'invitelist', 'closed']);

/** Which of the two lanes of sessions.md §4 a message belongs to, judged by its content (§3). */
export function laneOf(message: Frame): Lane {
  const { type, payload } = message;
  if (type === messageType.command) {
    const json = jsonOf(message);
    switch (json?.type) {
      case 'caughtup':
      case 'sstart':
        return 'history';
      case 'sessionconf': {
        const keys = Object.keys((json.config ?? {}) as JsonObject);
        return keys.length === 1 && fragments.has(keys[0]!) ? 'direct' : 'history';
      }
      default:
        return 'direct';
    }
  }
  if (type === messageType.chat) {
    return ((payload[0] ?? 0) & 1) !== 0 ? 'direct' : 'history';
  }
  return type >= 32 && type !== messageType.privateChat && type !== messageType.resetStream
    ? 'history'
    : 'direct';
}

/** Keys of type 0 messages whose values differ from run to run; that the key is there does count. */
const changingKeys = new Set([
  'message',
  // Addresses of mock servers.
  'url',
  'extauthurl',
  // The text of a refused ban list, beside its key `T` (sessions.md §12).
  'error',
  'timestamp',
  'at',
  't',
  'startTime',
  'size',
  'maxSize',
  // A size too: that of the history when the upload ended (sessions.md §9.2).
  'resetThresholdBase',
  'hidx',
  'hid*',
  'secret',
  'nonce',
  'correlator',
  'payload',
  'export',
]);

const ulid = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Keys under which the server's own ids appear; `id` of a ban is a number and counts. */
function isServerId(key: string, value: Json): boolean {
  return (
    (key === 'id' || key === 'uniqueId' || key === 'remove') && typeof value === 'string' && ulid.test(value)
  );
}

/** The form in which two JSON values are equal when the rules say so. */
export function canonical(value: Json, key = ''): Json {
  if (changingKeys.has(key) && (value === null || typeof value !== 'object')) {
    return '*';
  }
  if (isServerId(key, value)) {
    return '*';
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, key === 'remove' ? key : ''));
    return key === 'flags' || key === 'actions' ? items.map(String).sort() : items;
  }
  if (value !== null && typeof value === 'object') {
    const sorted: JsonObject = {};
    for (const name of Object.keys(value).sort()) {
      sorted[name] = canonical(value[name]!, name);
    }
    return sorted;
  }
  return value;
}

/** The text in which two messages that count as equal are equal. `isLoose`: of replies only the outcome. */
export function comparable(message: Frame, isFiller = false, isLoose = false): string {
  const { type, context, payload, bytes } = message;
  const json = jsonOf(message);
  if (json !== undefined && isLoose) {
    const seat = (json.join ?? {}) as JsonObject;
    return JSON.stringify([json.type, json.state ?? json.code, json.guest, json.ident, seat.user]);
  }
  if (json !== undefined) {
    return `0/${context} ${JSON.stringify(canonical(json))}`;
  }
  if (type === messageType.disconnect) {
    return `1/${context} reason ${payload[0]}`;
  }
  if (isFiller || isFillerLike(message)) {
    return `${type}/${context} filler of ${payload.length}`;
  }
  return bytes.toString('hex');
}

function isFillerLike(message: Frame): boolean {
  return message.payload.length >= 200 && message.payload.every((byte) => byte === 0x41);
}

export interface Expectation {
  line: number;
  frame: Frame;
  lane: Lane;
  /** What must come, in comparable form. */
  form: string;
  /** Keys left out of the comparison by a row of the table of differences. */
  ignored: readonly string[];
  state: 'open' | 'met' | 'missing';
}

export function expectation(
  line: number,
  frame: Frame,
  isFiller: boolean,
  effects: readonly Effect[],
  isLoose = false,
): Expectation {
  let form = comparable(frame, isFiller, isLoose);
  const ignored: string[] = [];
  for (const effect of effects) {
    if (effect.kind === 'becomes') {
      frame = frameFrom(effect.message);
      form = comparable(frame, false, isLoose);
    } else if (effect.kind === 'ignored') {
      ignored.push(...effect.keys);
    } else if (effect.kind === 'instead' && jsonOf(frame) !== undefined) {
      const json = structuredClone(jsonOf(frame)!);
      for (const [path, value] of Object.entries(effect.keys)) {
        setPath(json, path, value);
      }
      form = `0/${frame.context} ${JSON.stringify(canonical(json))}`;
    }
  }
  return { line, frame, lane: laneOf(frame), form: without(form, ignored), ignored, state: 'open' };
}

/** A message as the table of differences writes it down. */
export function frameFrom(message: JsonObject | { hex: string }): Frame {
  return typeof message.hex === 'string'
    ? viewFrame(Buffer.from(message.hex, 'hex'))
    : viewFrame(frameOf(messageType.command, 0, JSON.stringify(message)));
}

/** `*` in a path stands for every item of a list. */
function setPath(json: JsonObject, path: string, value: Json | undefined): void {
  const [name, ...rest] = path.split('.') as [string, ...string[]];
  if (name === '*') {
    for (const item of Object.values(json)) {
      setPath(item as JsonObject, rest.join('.'), value);
    }
  } else if (rest.length > 0) {
    setPath((json[name] ?? {}) as JsonObject, rest.join('.'), value);
  } else if (value === undefined) {
    delete json[name];
  } else {
    json[name] = value;
  }
}

function without(form: string, ignored: readonly string[]): string {
  if (ignored.length === 0) {
    return form;
  }
  const start = form.indexOf('{');
  const json = JSON.parse(form.slice(start)) as JsonObject;
  for (const path of ignored) {
    setPath(json, path, undefined);
  }
  return `${form.slice(0, start)}${JSON.stringify(json)}`;
}

export interface Finding {
  line: number | undefined;
  text: string;
}

/**
 * One connection's comparison while a conversation is replayed. Received messages are matched with the
 * recorded ones of their lane in order; what has no partner becomes a finding.
 */
export class Comparison {
  readonly findings: Finding[] = [];
  readonly #lanes: Record<Lane, Expectation[]> = { direct: [], history: [] };
  readonly #next: Record<Lane, number> = { direct: 0, history: 0 };
  readonly #onMatch: (recorded: Frame, actual: Frame) => void;
  #lastLine = 0;
  #isAfterDisconnect = false;
  /** After a join or a full reset the history has to wait for its `catchup`: sessions.md §4. */
  #awaitsCatchup: 'no' | 'join' | 'reset' = 'no';
  #hasSeat: boolean;
  readonly #isLoose: boolean;
  readonly #isCutOff: boolean;

  /** `isLoose`: recorded on a 2.1 server, whose own messages are no model; only outcomes are compared. */
  /** `isCutOff`: the recording ends before the history reached this connection. */
  constructor(
    hasSeat: boolean,
    onMatch: (recorded: Frame, actual: Frame) => void,
    { isLoose = false, isCutOff = false }: { isLoose?: boolean; isCutOff?: boolean } = {},
  ) {
    this.#hasSeat = hasSeat || isLoose;
    this.#isLoose = isLoose;
    this.#isCutOff = isCutOff;
    this.#onMatch = onMatch;
  }

  /** Whether everything up to this line has come. */
  isMetUpTo(line: number): boolean {
    return (['direct', 'history'] as const).every((lane) => {
      const next = this.#lanes[lane][this.#next[lane]];
      return next === undefined || next.line > line;
    });
  }

  expect(item: Expectation): void {
    this.#lanes[item.lane].push(item);
  }

  receive(message: Frame): void {
    if (!this.#isLoose) {
      this.#checkLaneRules(message);
    }
    const lane = laneOf(message);
    const items = this.#lanes[lane];
    const from = this.#next[lane];
    if (this.#isCutOff && from >= items.length) {
      return;
    }
    const form = comparable(message, false, this.#isLoose);
    // A message that is missing must not make all that follow look wrong, so a little further is looked at too.
    for (let at = from; at < Math.min(items.length, from + 40); at++) {
      if (isMatch(items[at]!, form)) {
        this.#passOver(items, from, at);
        this.#meet(lane, at, message);
        return;
      }
    }
    const near = items[from];
    if (
      near !== undefined &&
      message.type === messageType.command &&
      shapeOf(near.frame) === shapeOf(message)
    ) {
      this.findings.push({ line: near.line, text: `expected ${near.form}\n     got ${form}` });
      this.#meet(lane, from, message);
      return;
    }
    this.findings.push({
      line: undefined,
      text: `unexpected (after line ${this.#lastLine}): ${describe(message)}`,
    });
  }

  /** Gives up on what should have come up to this line. */
  giveUpOn(line: number): void {
    for (const lane of ['direct', 'history'] as const) {
      const items = this.#lanes[lane];
      let at = this.#next[lane];
      while (at < items.length && items[at]!.line <= line) {
        at++;
      }
      this.#passOver(items, this.#next[lane], at);
      this.#next[lane] = at;
    }
  }

  #passOver(items: Expectation[], from: number, to: number): void {
    for (const item of items.slice(from, to)) {
      item.state = 'missing';
      this.findings.push({ line: item.line, text: `missing: ${describe(item.frame)}` });
    }
  }

  #meet(lane: Lane, at: number, message: Frame): void {
    const item = this.#lanes[lane][at]!;
    item.state = 'met';
    this.#lastLine = Math.max(this.#lastLine, item.line);
    this.#next[lane] = at + 1;
    this.#onMatch(item.frame, message);
  }

  /** The rules across the lanes (sessions.md §4). */
  #checkLaneRules(message: Frame): void {
    const json = jsonOf(message);
    if (this.#isAfterDisconnect) {
      this.findings.push({ line: undefined, text: `after the Disconnect: ${describe(message)}` });
    }
    if (message.type === messageType.disconnect) {
      this.#isAfterDisconnect = true;
    }
    if (json?.type === 'result' && (json.state === 'host' || json.state === 'join')) {
      this.#hasSeat = true;
      this.#awaitsCatchup = json.state === 'join' ? 'join' : 'no';
    } else if (json?.type === 'reset' && json.state === 'reset') {
      this.#awaitsCatchup = 'reset';
    } else if (json?.type === 'catchup') {
      this.#awaitsCatchup = 'no';
    } else if (laneOf(message) === 'history') {
      if (!this.#hasSeat) {
        this.findings.push({
          line: undefined,
          text: `history before the login success: ${describe(message)}`,
        });
      } else if (this.#awaitsCatchup !== 'no') {
        this.findings.push({
          line: undefined,
          text: `history between ${this.#awaitsCatchup} and catchup: ${describe(message)}`,
        });
      }
    }
  }
}

function isMatch(item: Expectation, form: string): boolean {
  return item.form === (item.ignored.length > 0 && form.includes('{') ? without(form, item.ignored) : form);
}

/** What kind of message this is, so that two which differ in detail are shown side by side. */
function shapeOf(message: Frame): string {
  const json = jsonOf(message);
  if (json === undefined) {
    return `${message.type}`;
  }
  const settings = Object.keys((json.config ?? {}) as JsonObject);
  return [json.type, json.state, json.T, json.topic, settings.length === 1 ? settings[0] : 'all'].join(' ');
}
