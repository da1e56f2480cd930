// Every committed recording gives the canvas of the C engine: state and every hash, portable and AVX2
// (test/vectors/canvas). The reset image of each gives the same canvas but for what a reset image loses.
// `npm run test:canvas -- FOLDER` compares the full set, and each of these with its reset image.
import { existsSync } from 'node:fs';
import test from 'ava';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { resetDifferences } from '../../../helpers/canvas-reset.js';
import { differencesOf, playVector, vectorNames } from '../../../helpers/canvas-vectors.js';

const root = 'test/vectors/canvas';
const codecs = await loadCodecs();

/** `classic-size-small` and `classic-edges` are one kind; of mixing colours there are so many that its parts are kinds. */
function byKind(names: readonly string[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const name of names) {
    const words = name.split('-');
    const kind = words.slice(0, words[0] === 'blend' ? 2 : 1).join('-');
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  }
  return kinds;
}

/**
 * Of kinds with hundreds of recordings, one in so many has its reset image looked at: they differ in how they mix colours, and
 * what a reset image has is the colours that came of it.
 */
const manyOfAKind = 50;
const oneIn = 5;

/** What differs in a recording, and what the reset image of its canvas loses besides what it must: played once for both. */
interface Compared {
  readonly unequal: readonly string[];
  readonly lost: readonly string[];
}

function compare(folder: string, name: string, resets: boolean): Compared {
  const played = playVector(folder, name, codecs, 'portable');
  const named = (found: readonly string[]) => found.slice(0, 3).map((difference) => `${name}: ${difference}`);
  return {
    unequal: named(differencesOf(played)),
    lost: resets ? named(resetDifferences(played.canvas, codecs)) : [],
  };
}

function unequalWithAvx2(folder: string, name: string): string[] {
  return differencesOf(playVector(folder, name, codecs, 'avx2'))
    .slice(0, 3)
    .map((difference) => `${name}: ${difference}`);
}

for (const part of ['single', 'random', 'real', 'reset']) {
  const folder = `${root}/${part}`;
  for (const [kind, names] of byKind(vectorNames(folder))) {
    let known: readonly Compared[] | undefined;
    const resets = (at: number) => names.length < manyOfAKind || at % oneIn === 0;
    const compared = () => {
      known ??= names.map((name, at) => compare(folder, name, resets(at)));
      return known;
    };
    test(`${part}: ${names.length} recordings of ${kind} give the canvas of the C engine`, (t) => {
      t.deepEqual(
        compared().flatMap(({ unequal }) => unequal),
        [],
      );
    });
    test(`${part}: reset images of ${names.filter((_, at) => resets(at)).length} recordings of ${kind} lose what they must and no more`, (t) => {
      t.deepEqual(
        compared().flatMap(({ lost }) => lost),
        [],
      );
    });
    const own = names.filter((name) => existsSync(`${folder}/${name}.avx2.json`));
    if (own.length === 0) continue;
    test(`${part}: ${own.length} recordings of ${kind} give the canvas of the C engine with AVX2`, (t) => {
      t.deepEqual(
        own.flatMap((name) => unequalWithAvx2(folder, name)),
        [],
      );
    });
  }
}
