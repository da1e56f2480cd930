// Every committed recording gives the canvas of the C engine: state and every hash, portable and AVX2
// (test/vectors/canvas). The reset image of each gives the same canvas but for what a reset image loses.
// `npm run test:canvas -- FOLDER` compares the full set.
import { existsSync } from 'node:fs';
import test from 'ava';
import type { Profile } from '../../../../src/lib/core/canvas/pixel.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { resetDifferences } from '../../../helpers/canvas-reset.js';
import { differencesOf, playVector, vectorNames } from '../../../helpers/canvas-vectors.js';

const root = 'test/vectors/canvas';
const codecs = await loadCodecs();

/** `classic-size-small` and `classic-edges` are one kind. */
function byKind(names: readonly string[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const name of names) {
    const kind = name.split('-')[0]!;
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return kinds;
}

function unequal(folder: string, names: readonly string[], profile: Profile): string[] {
  return names.flatMap((name) =>
    differencesOf(playVector(folder, name, codecs, profile))
      .slice(0, 3)
      .map((difference) => `${name}: ${difference}`),
  );
}

/** What the reset image of the canvas loses besides what it must. */
function lost(folder: string, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    resetDifferences(playVector(folder, name, codecs, 'portable').canvas, codecs)
      .slice(0, 3)
      .map((difference) => `${name}: ${difference}`),
  );
}

for (const part of ['single', 'random', 'real', 'reset']) {
  const folder = `${root}/${part}`;
  for (const [kind, names] of byKind(vectorNames(folder))) {
    test(`${part}: ${names.length} recordings of ${kind} give the canvas of the C engine`, (t) => {
      t.deepEqual(unequal(folder, names, 'portable'), []);
    });
    test(`${part}: reset images of ${names.length} recordings of ${kind} lose what they must and no more`, (t) => {
      t.deepEqual(lost(folder, names), []);
    });
    const own = names.filter((name) => existsSync(`${folder}/${name}.avx2.json`));
    if (own.length === 0) continue;
    test(`${part}: ${own.length} recordings of ${kind} give the canvas of the C engine with AVX2`, (t) => {
      t.deepEqual(unequal(folder, own, 'avx2'), []);
    });
  }
}
