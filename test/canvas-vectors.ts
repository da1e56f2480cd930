// Compares the canvas of every recording in a folder, and in the folders in it, with what the C engine has, and prints what differs first. Then the
// canvas that its own reset image gives with that canvas, but for what a reset image loses.
// npm run test:canvas -- FOLDER [NAME…] [--profile avx2] [--all] [--steps]
// --steps: where hashes after every so many messages are there, tells between which the first difference comes.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Profile, profiles } from '../src/lib/core/canvas/pixel.js';
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
const [top, ...wanted] = positionals;
if (top === undefined || !statSync(top, { throwIfNoEntry: false })?.isDirectory()) {
  console.error('Name the folder with the recordings: npm run test:canvas -- FOLDER [NAME…]');
  process.exit(2);
}
const profile = oneOf(values.profile);
const codecs = await loadCodecs();

function oneOf(name: string): Profile {
  const known = profiles.find((each) => each === name);
  if (known !== undefined) return known;
  console.error(`--profile ${name}: expected ${profiles.join(' or ')}`);
  process.exit(2);
}

/** The folder and those below it, for a set that is kept in several. */
function foldersOf(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => foldersOf(path.join(folder, name)))];
}

/** What differs first in each recording of a folder that has one; answers with how many are equal. */
function compareFolder(folder: string, names: readonly string[]): number {
  let equal = 0;
  for (const name of names) {
    let found: string[];
    try {
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
  return equal;
}

let compared = 0;
let different = 0;
for (const folder of foldersOf(top)) {
  const names = vectorNames(folder).filter(
    (name) => wanted.length === 0 || wanted.some((each) => name.includes(each)),
  );
  if (names.length === 0) continue;
  const equal = compareFolder(folder, names);
  console.log(`${equal} of ${names.length} are equal in ${folder}`);
  compared += names.length;
  different += names.length - equal;
}
if (compared === 0) console.error(`no recording with its canvas is in ${top}`);
process.exitCode = compared > 0 && different === 0 ? 0 : 1;
