// Every package that an installation brings has its reason in docs/dependencies.md.
import { readFileSync } from 'node:fs';
import test from 'ava';

interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

test('every dependency has a row with its reason', (t) => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const rows = new Map(
    readFileSync('docs/dependencies.md', 'utf8')
      .split('\n')
      .map((line) => /^\| `([^`]+)` *\| *([^|]+\S) *\| *([^|]+\S) *\|$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, purpose, reason]) => [name!, `${purpose} ${reason}`]),
  );
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    t.truthy(rows.get(name), `${name} has no row`);
  }
});
