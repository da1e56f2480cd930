// Session templates: a recording whose header holds settings and whose messages begin a session (formats.md §7).
// Files, passwords and aliases are handled elsewhere.

import { Buffer } from 'node:buffer';
import { refusal } from '../errors.js';
import { makeFrame } from '../protocol/frame.js';
import { generationOf, messageTables } from '../protocol/messages.js';
import { serverVersion } from '../protocol/version.js';
import { type TemplateFlag, templateFlags } from '../settings/session-settings.js';
import { type HeaderValue, type RecordingHeader, versionOf } from './header.js';
import {
  describePlace,
  type HeaderItem,
  type Problem,
  type RecordedMessage,
  type RecordingFormat,
  type RecordingItem,
} from './items.js';
import { faultOf } from './message-fault.js';
import { passPayload } from './pass.js';
import { RecordingReader } from './reader.js';

/** What the header says of the session, in the server's words. */
export interface TemplateSettings extends Record<TemplateFlag, boolean> {
  title: string;
  /** `-` when the template names none. */
  founder: string;
  /** 1 to 254. */
  maxUsers: number;
  /** As it stands in the file: a stored form or, for 2.3, plain text. '' = none. */
  password: string;
  opword: string;
  /** URL of one listing, '' = none. */
  announce: string;
}

export interface Template {
  format: RecordingFormat;
  header: RecordingHeader;
  settings: TemplateSettings;
  /** The version of the sessions made from it, e.g. `dp:4.25.1`. */
  protocol: string;
  /** Complete frames as on TCP, one after the other: the history to begin with. */
  frames: Buffer;
  /** How many frames. */
  count: number;
  /** Messages that templates may not bring along (joins, chat, server commands …). */
  droppedCount: number;
  /** Wrong lines and messages, which were skipped, and doubtful ones, which were not. */
  problems: Problem[];
}

/** Fed the bytes of a template. Throws a Refusal when it cannot be used at all. */
export class TemplateReader {
  readonly #reader = new RecordingReader();
  readonly #problems: Problem[] = [];
  readonly #frames: Buffer[] = [];
  #start: HeaderItem | undefined;
  #protocol = '';
  #dropped = 0;
  #hasSize = false;

  read(chunk: Uint8Array): void {
    this.#take(this.#reader.read(chunk));
  }

  end(): Template {
    this.#take(this.#reader.end());
    if (!this.#start) throw refusal('template-without-header');
    if (!this.#hasSize) {
      this.#problems.push({
        kind: 'problem',
        severity: 'warning',
        ...(this.#reader.format === 'binary' ? { offset: 0 } : { line: 1 }),
        message: 'no resize gives the canvas a size: nothing could be drawn on it',
      });
    }
    const { header } = this.#start;
    return {
      format: this.#reader.format ?? 'text',
      header,
      settings: readTemplateSettings(header),
      protocol: this.#protocol,
      frames: Buffer.concat(this.#frames),
      count: this.#frames.length,
      droppedCount: this.#dropped,
      problems: this.#problems,
    };
  }

  #take(items: readonly RecordingItem[]): void {
    for (const item of items) {
      if (item.kind === 'header') this.#takeHeader(item);
      else if (item.kind === 'problem') this.#problems.push(item);
      else this.#takeMessage(item);
    }
  }

  #takeHeader(start: HeaderItem): void {
    if (start.notUtf8) {
      // A title would be garbled, a password would be another one.
      throw refusal('template-header-encoding', { place: describePlace(start.notUtf8) });
    }
    this.#start = start;
    this.#protocol = protocolOf(start.header, this.#reader);
    this.#problems.push(...settingsProblems(start));
  }

  #takeMessage({ type, contextId, payload, position }: RecordedMessage): void {
    const { generation, format } = this.#reader;
    const isOf21 = generation === '4.21';
    const fault = generation && faultOf(generation, type, payload);
    if (fault !== undefined) {
      this.#problems.push({
        kind: 'problem',
        severity: 'error',
        ...(format === 'binary' ? { offset: position } : { line: position }),
        message: fault,
      });
      return;
    }
    // 2.1 clients filter the commands of someone who was never named an owner, so that list has to stay (manual)
    const isKept = isOf21 && type === owners;
    const passed = isKept ? payload : passPayload('template', generation ?? '4.25', type, payload);
    if (!passed) {
      this.#dropped++;
      return;
    }
    if (type === resize) this.#hasSize = true;
    this.#frames.push(makeFrame(type, contextId, passed));
  }
}

const owners = 34;
const resize = 129;

/** An entire template at once, or in pieces. Throws like `TemplateReader`. */
export function readTemplate(bytes: Uint8Array | Iterable<Uint8Array>): Template {
  const reader = new TemplateReader();
  for (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) reader.read(chunk);
  return reader.end();
}

/** Text needs the first two numbers of a known generation, binary the first (manual); none: that of the dialect. */
function protocolOf(header: RecordingHeader, reader: RecordingReader): string {
  const { format, generation } = reader;
  const stated = header.get('version');
  if (stated === undefined && format === 'text' && generation) return messageTables[generation].protocol;
  const version = versionOf(header);
  if (!version) {
    if (stated === undefined) throw refusal('template-without-version');
    throw refusal('template-version-invalid', { version: String(stated) });
  }
  const isKnown =
    version.namespace === 'dp' &&
    version.server === serverVersion &&
    (format === 'binary' || (generationOf(version) !== undefined && [21, 24, 25].includes(version.major)));
  if (!isKnown) {
    throw refusal(format === 'binary' ? 'template-version-binary' : 'template-version-text', {
      version: String(stated),
    });
  }
  return String(stated).trim();
}

const textKeys = ['title', 'founder', 'password', 'opword', 'announce'] as const;
/** `maxUserCount` in the originals' code, `maxUsers` in the manual; the first wins. */
const countKeys = ['maxUserCount', 'maxUsers'] as const;
const otherKeys = ['version', 'writerversion', 'type', 'server-recording', 'streamfork'];
const defaultMaxUsers = 25;

export function readTemplateSettings(header: RecordingHeader): TemplateSettings {
  const text = (key: (typeof textKeys)[number]): string => {
    const value = header.get(key);
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const count = countKeys
    .map((key) => readCount(header.get(key)))
    .find((value): value is number => value !== undefined);
  const flags = Object.fromEntries(templateFlags.map((key) => [key, isSet(header.get(key))]));
  return {
    title: text('title'),
    founder: text('founder') || '-',
    maxUsers: count === undefined || count <= 0 ? defaultMaxUsers : Math.min(254, count),
    password: text('password'),
    opword: text('opword'),
    announce: text('announce'),
    ...(flags as Record<TemplateFlag, boolean>),
  };
}

function readCount(value: HeaderValue | undefined): number | undefined {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' && /^\s*[+-]?\d+(\.0*)?\s*$/.test(value)
    ? Math.trunc(Number(value))
    : undefined;
}

/** As 2.3 reads it: any text but `false` and the empty one, any number but zero (formats.md §7). */
function isSet(value: HeaderValue | undefined): boolean {
  if (typeof value === 'string') return value.trim() !== '' && value.trim().toLowerCase() !== 'false';
  return value === true || (typeof value === 'number' && value !== 0);
}

function settingsProblems({ header, lines }: HeaderItem): Problem[] {
  const problems: Problem[] = [];
  const warn = (key: string, message: string): void => {
    const line = lines?.get(key);
    problems.push({
      kind: 'problem',
      severity: 'warning',
      ...(line === undefined ? { offset: 8 } : { line, column: 2 }),
      message: `${key}: ${message}`,
    });
  };
  const known: readonly string[] = [...templateFlags, ...textKeys, ...countKeys, ...otherKeys];
  for (const [key, value] of header) {
    if (!known.includes(key)) warn(key, 'no template has such a key, it is ignored');
    else if (countKeys.some((each) => each === key)) {
      const count = readCount(value);
      if (count === undefined) warn(key, `${JSON.stringify(value)} is no number of users`);
      else if (count < 1 || count > 254) warn(key, `${count} is outside 1 to 254`);
    } else if (
      templateFlags.some((each) => each === key) &&
      typeof value === 'string' &&
      !/^(true|false|yes|1)$/i.test(value.trim())
    ) {
      warn(key, `${JSON.stringify(value)} is neither true nor false and counts as ${isSet(value)}`);
    }
  }
  return problems;
}
