// The header of a recording: its keys and values, the protocol version, and both written forms (formats.md §2, §3, §4).

import { Buffer } from 'node:buffer';
import { asBuffer } from '../bytes.js';
import { type Reason, reason } from '../errors/reason.js';
import { type Refusal, refusal } from '../errors.js';
import { type Generation, generationOf } from '../protocol/messages.js';
import { type ProtocolVersion, parseVersion } from '../protocol/version.js';

export type HeaderValue =
  | string
  | number
  | boolean
  | null
  | readonly unknown[]
  | { readonly [key: string]: unknown };

/** Keys and values in the order in which they were written. */
export type RecordingHeader = ReadonlyMap<string, HeaderValue>;

/** `DPREC` and NUL. */
export const magic = Buffer.from('DPREC\0', 'latin1');
/** Magic and the length of the metadata. */
export const headHeaderBytes = magic.length + 2;

/** The version that the header names; undefined when it names none or nonsense. */
export function versionOf(header: RecordingHeader): ProtocolVersion | undefined {
  const version = header.get('version');
  return typeof version === 'string' ? parseVersion(version.trim()) : undefined;
}

export function generationOfHeader(header: RecordingHeader): Generation | undefined {
  const version = versionOf(header);
  return version && generationOf(version);
}

/** The metadata of a binary recording. Throws a Refusal that names the offset. */
export function parseBinaryHeader(metadata: Uint8Array): RecordingHeader {
  let value: unknown;
  try {
    value = JSON.parse(asBuffer(metadata).toString('utf8'));
  } catch {
    throw notARecording(reason('recording-metadata-no-json', { offset: headHeaderBytes }));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notARecording(reason('recording-metadata-no-object', { offset: headHeaderBytes }));
  }
  return new Map(Object.entries(value as Record<string, HeaderValue>));
}

export function notARecording(why: Reason): Refusal {
  return refusal('not-a-recording', { reason: why });
}

/** Begins the line of a text recording that keeps metadata to the byte; every reader takes it for a comment. */
const metadataMark = '# dp metadata ';

/**
 * The line, with its end, that keeps `metadata` where the `!key=value` lines say less than it: of which type a value is,
 * in which order and form the keys stand. '' where they say it all.
 */
export function metadataLine(metadata: Buffer, generation: Generation): string {
  const header = parseBinaryHeader(metadata);
  const readBack = new Map(
    textEntries(header, generation).map(([key, value]) => [key, parseTextValue(value, generation, true)]),
  );
  if (metadataOf(readBack, generation).equals(metadata)) return '';
  return `${metadataMark}${metadata.toString('base64')}\n`;
}

/** Blanks at the ends of keys and values are lost in text. */
function withoutBlanks(header: RecordingHeader, generation: Generation): string {
  const entries = textEntries(header, generation).map(([key, value]) => [key.trim(), value.trim()]);
  return JSON.stringify(entries);
}

export function isMetadataLine(line: string): boolean {
  return line.startsWith(metadataMark);
}

/** The metadata that such a line keeps; undefined when somebody has changed the header since. */
export function keptMetadata(
  line: string,
  header: RecordingHeader,
  generation: Generation,
): Buffer | undefined {
  const metadata = Buffer.from(line.slice(metadataMark.length), 'base64');
  try {
    const kept = parseBinaryHeader(metadata);
    return withoutBlanks(kept, generation) === withoutBlanks(header, generation) ? metadata : undefined;
  } catch {
    return undefined;
  }
}

/** Magic, length and metadata. 2.1 sorts the keys, 2.3 keeps their order and writes `/` as `\/` (formats.md §2.1). */
export function binaryHeader(header: RecordingHeader, generation: Generation): Buffer {
  return withMagic(metadataOf(header, generation));
}

function metadataOf(header: RecordingHeader, generation: Generation): Buffer {
  const isSorted = generation === '4.21';
  const entries = isSorted ? sorted(header) : [...header];
  const json = JSON.stringify(Object.fromEntries(entries));
  return Buffer.from(generation === '4.25' ? json.replaceAll('/', '\\/') : json, 'utf8');
}

/** The first bytes of a binary recording with this metadata. Throws a Refusal where it is too long. */
export function withMagic(metadata: Buffer): Buffer {
  if (metadata.length > 0xffff) {
    throw refusal('recording-header-too-long', { bytes: metadata.length });
  }
  const length = Buffer.alloc(2);
  length.writeUInt16BE(metadata.length);
  return Buffer.concat([magic, length, metadata]);
}

/** `!key=value` lines. The 2.1 dialect sorts them and ends the header with an empty line. */
export function textHeader(header: RecordingHeader, generation: Generation): string {
  const lines = textEntries(header, generation).map(([key, value]) => `!${key}=${value}\n`);
  return lines.join('') + (generation === '4.21' ? '\n' : '');
}

function textEntries(header: RecordingHeader, generation: Generation): [key: string, value: string][] {
  const entries = generation === '4.21' ? sorted(header) : [...header];
  return entries
    .filter(([key]) => !/[=\r\n]/.test(key) && key.trim() !== '')
    .map(([key, value]) => [key, textValue(value, generation)]);
}

function textValue(value: HeaderValue, generation: Generation): string {
  if (typeof value === 'number') return generation === '4.21' ? String(value) : value.toFixed(6);
  if (typeof value === 'string') return value.replace(/[\r\n]+/g, ' '); // a line is all the room there is
  return typeof value === 'boolean' || value === null ? String(value) : JSON.stringify(value);
}

function sorted(header: RecordingHeader): [string, HeaderValue][] {
  return [...header].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * The value of a `!key=value` line. 2.1 distinguishes numbers and booleans (formats.md §3), 2.3 knows only strings
 * (§4); with `keepsNumbers` what 2.3 writers make of a number is a number again.
 */
export function parseTextValue(text: string, generation: Generation, keepsNumbers: boolean): HeaderValue {
  if (generation === '4.25' || generation === '4.24') {
    return keepsNumbers && /^-?\d+\.\d{6}$/.test(text) ? Number(text) : text;
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^[+-]?\d{1,10}$/.test(text)) {
    const value = Number(text);
    if (Math.abs(value) < 2 ** 31) return value;
  }
  return text;
}

/** How well a version can be played: as the original's tools report it (cli.md §5). */
export type Compatibility = 'compatible' | 'minor' | 'unknown' | 'incompatible';

export function compatibilityOf(header: RecordingHeader): Compatibility {
  const version = versionOf(header);
  if (!version) return 'unknown';
  if (version.namespace !== 'dp' || version.server !== 4 || version.major < 20) return 'incompatible';
  if (version.major > 25) return 'unknown';
  const exact =
    (version.major === 21 && version.minor === 2) ||
    (version.major === 24 && version.minor === 0) ||
    (version.major === 25 && version.minor === 1);
  return exact ? 'compatible' : 'minor';
}
