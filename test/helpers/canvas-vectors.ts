// Recordings with the canvas that they give in the C engine (test/vectors/canvas/README.md): played, and compared.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Canvas } from '../../src/lib/core/canvas/canvas.js';
import type { AccessFilter } from '../../src/lib/core/canvas/canvas-options.js';
import type { Codecs } from '../../src/lib/core/canvas/needs.js';
import type { Profile } from '../../src/lib/core/canvas/pixel.js';
import { type Sha256, type StateForm, stateForm } from '../../src/lib/core/canvas/state-form.js';
import type { Generation } from '../../src/lib/core/protocol/messages.js';
import type { RecordedMessage } from '../../src/lib/core/recording/items.js';
import { RecordingReader } from '../../src/lib/core/recording/reader.js';

export function sha256(): Sha256 {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

export interface Recording {
  readonly generation: Generation;
  readonly messages: readonly RecordedMessage[];
}

export function readRecording(bytes: Uint8Array): Recording {
  const reader = new RecordingReader();
  const items = [...reader.read(bytes), ...reader.end()];
  const messages = items.filter((item): item is RecordedMessage => item.kind === 'message');
  return { generation: reader.generation!, messages };
}

export interface PlayOptions {
  readonly codecs: Codecs;
  readonly access: AccessFilter;
  readonly profile?: Profile;
}

export function play({ generation, messages }: Recording, options: PlayOptions): Canvas {
  const canvas = new Canvas({ generation, ...options });
  for (const { type, contextId, payload } of messages) canvas.message(type, contextId, payload);
  return canvas;
}

/** Paths of what differs, what matters most first. */
export function differences(expected: unknown, got: unknown, at = ''): string[] {
  if (Object.is(expected, got)) return [];
  const isNested = (value: unknown) => typeof value === 'object' && value !== null;
  if (!isNested(expected) || !isNested(got) || Array.isArray(expected) !== Array.isArray(got)) {
    return [`${at}: ${brief(got)} instead of ${brief(expected)}`];
  }
  if (Array.isArray(expected) && (got as unknown[]).length !== expected.length) {
    return [`${at}: ${brief(got)} instead of ${brief(expected)}`];
  }
  const keys = new Set([...Object.keys(expected as object), ...Object.keys(got as object)]);
  return [...keys].flatMap((key) =>
    differences(
      (expected as Record<string, unknown>)[key],
      (got as Record<string, unknown>)[key],
      at === '' ? key : `${at}.${key}`,
    ),
  );
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Names of recordings of a folder that has their states beside them. */
export function vectorNames(folder: string): string[] {
  return readdirSync(folder)
    .filter(
      (name) => name.endsWith('.dprec') && existsSync(path.join(folder, name.replace(/dprec$/, 'json'))),
    )
    .map((name) => name.replace(/\.dprec$/, ''))
    .sort();
}

export interface Vector {
  readonly recording: Recording;
  readonly expected: StateForm;
}

/** `avx2`: where there is a state of its own for it. */
export function readVector(folder: string, name: string, profile: Profile): Vector {
  const own = path.join(folder, `${name}.avx2.json`);
  const file = profile === 'avx2' && existsSync(own) ? own : path.join(folder, `${name}.json`);
  return {
    recording: readRecording(readFileSync(path.join(folder, `${name}.dprec`))),
    expected: JSON.parse(readFileSync(file, 'utf8')) as StateForm,
  };
}

export interface Played {
  readonly canvas: Canvas;
  readonly expected: StateForm;
}

export function playVector(folder: string, name: string, codecs: Codecs, profile: Profile): Played {
  const { recording, expected } = readVector(folder, name, profile);
  return { canvas: play(recording, { codecs, profile, access: expected.acl as AccessFilter }), expected };
}

/** As it is read from a file. */
export function stateOf(canvas: Canvas): StateForm {
  return JSON.parse(JSON.stringify(stateForm(canvas, sha256))) as StateForm;
}

/** What is not as expected; empty: all is equal. */
export function differencesOf({ canvas, expected }: Played): string[] {
  return differences(expected, stateOf(canvas));
}

interface Step {
  readonly messages: number;
  readonly flat?: string;
  /** By `layer` and `layer/sublayer`. */
  readonly layers: Readonly<Record<string, string>>;
}

/** The first step that differs, where a recording has steps: `NAME.steps.json`. */
export function compareSteps(folder: string, name: string, codecs: Codecs, profile: Profile): string[] {
  const file = path.join(folder, `${name}.steps.json`);
  if (!existsSync(file)) return [];
  const { recording, expected } = readVector(folder, name, profile);
  const steps = JSON.parse(readFileSync(file, 'utf8')) as readonly Step[];
  const canvas = play(
    { ...recording, messages: [] },
    { codecs, profile, access: expected.acl as AccessFilter },
  );
  let at = 0;
  for (const step of steps) {
    for (; at < step.messages; at++) {
      const { type, contextId, payload } = recording.messages[at]!;
      canvas.message(type, contextId, payload);
    }
    const form = stateForm(canvas, sha256) as { layers: LayerForm[]; flat?: { sha256: string } };
    const found = differences(
      { flat: step.flat, layers: step.layers },
      { flat: form.flat?.sha256, layers: layerHashes(form.layers) },
    );
    if (found.length > 0) return [`before message ${at}`, ...found];
  }
  return [];
}

interface LayerForm {
  readonly id: number;
  readonly sha256?: string;
  readonly sublayers?: readonly LayerForm[];
  readonly children?: readonly LayerForm[];
}

function layerHashes(layers: readonly LayerForm[]): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const layer of layers) {
    if (layer.sha256 !== undefined) hashes[layer.id] = layer.sha256;
    for (const sublayer of layer.sublayers ?? []) hashes[`${layer.id}/${sublayer.id}`] = sublayer.sha256!;
    Object.assign(hashes, layerHashes(layer.children ?? []));
  }
  return hashes;
}
