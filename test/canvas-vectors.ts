// Compares the canvas of every recording in a folder with what the C engine has, and prints what differs first. Then the
// canvas that its own reset image gives with that canvas, but for what a reset image loses.
// npm run test:canvas -- FOLDER [NAME…] [--profile avx2] [--all] [--steps]
// --steps: where hashes after every so many messages are there, tells between which the first difference comes.
import { parseArgs } from 'node:util';
import type { Profile } from '../src/lib/core/canvas/pixel.js';
import { loadCodecs } from '../src/lib/io/canvas/codecs.js';
import { resetDifferences } from './helpers/canvas-reset.js';
import { compareSteps, differencesOf, playVector, vectorNames } from './helpers/canvas-vectors.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'portable' },
    all: { type: 'boolean', default: false },
    steps: { type: 'boolean', default: false },
  },
});
const [folder, ...wanted] = positionals;
if (folder === undefined) throw new Error('which folder?');
const codecs = await loadCodecs();
const names = vectorNames(folder).filter(
  (name) => wanted.length === 0 || wanted.some((each) => name.includes(each)),
);
let equal = 0;
for (const name of names) {
  let found: string[];
  try {
    const profile = values.profile as Profile;
    if (values.steps) found = compareSteps(folder, name, codecs, profile);
    else {
      const played = playVector(folder, name, codecs, profile);
      found = [...differencesOf(played), ...resetDifferences(played.canvas, codecs)];
    }
  } catch (error) {
    found = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  if (found.length === 0) equal++;
  else console.log(`${name}: ${(values.all ? found : found.slice(0, 3)).join('\n    ')}`);
}
console.log(`${equal} of ${names.length} are equal in ${folder}`);
process.exitCode = equal === names.length ? 0 : 1;
