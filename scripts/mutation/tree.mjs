// A copy of what `npm run pretest` has compiled, with all mistakes in the folders that are looked at (mutants.mjs) and with tests
// that use small-ava.mjs. It lies as deep in the project as `.build`: what looks for files of the project finds them.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mutate } from './mutants.mjs';

export const place = '.mutation';

/** All mutants in these folders below src/lib; a mutant's number is its position. */
export function makeTree(folders) {
  for (const name of ['src', 'test', 'mutation'])
    rmSync(path.join(place, name), { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  cpSync('scripts/mutation', path.join(place, 'mutation'), { recursive: true });
  cpSync('.build/src', path.join(place, 'src'), { recursive: true });
  cpSync('.build/test', path.join(place, 'test'), { recursive: true });
  for (const file of filesBelow(path.join(place, 'test'), '.js')) {
    const text = readFileSync(file, 'utf8');
    const ava = path.posix.relative(path.posix.dirname(file), `${place}/mutation/small-ava.mjs`);
    writeFileSync(file, text.replace(/^(import .*from )'ava';/m, `$1'${ava}';`));
  }
  const all = [];
  for (const folder of folders) {
    for (const file of filesBelow(`.build/src/lib/${folder}`, '.js')) {
      const target = file.replace('.build', place);
      const tool = path.posix.relative(path.posix.dirname(target), `${place}/mutation/switch.mjs`);
      const { mutants, code } = mutate(file, all.length, tool);
      writeFileSync(target, code);
      for (const mutant of mutants) all.push({ ...mutant, folder, module: target });
    }
  }
  return all;
}

/** What was compiled from a file that has another name by now is still there: it is left out. */
export function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.posix.join(folder, name))
    .filter((file) => existsSync(file.replace(/^\.[^/]+\//, '').replace(/\.js$/, '.ts')))
    .sort();
}
