// Puts test files that need no process of their own together, a few dozen to a process: starting one and loading ava takes
// longer than most of them run. Each title gets the name of its file in front. `npm test` runs what this makes
// (ava.together.config.js); one file alone runs as tsc compiled it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const compiled = path.resolve('.build/test');
const out = path.resolve('.build/together');

/**
 * What runs in one process: files below these folders. The first that fits counts. Where clients wait for answers of servers
 * all would wait for each other: such files stay apart.
 */
const groups = [
  { name: 'canvas', folders: ['lib/core/canvas', 'lib/core/picture', 'lib/core/recording'] },
  { name: 'core', folders: ['lib/core'] },
  { name: 'cli', folders: ['lib/cli', 'bench', 'helpers'] },
];

/** Hooks are for all tests of a process, as is what these change; `serial` would hold up the others. */
const needsItsOwn =
  /\btest\.(serial|before|after)|\bprocess\.(chdir|umask|exit|on|once|emit)\(|process\.env(\.\w+|\[.*\]) =[^=]/;

/** They take so long that others would wait for them. */
const long = new Set(
  ['vectors', 'properties', 'tile-memory', 'mutated'].map((name) => `lib/core/canvas/${name}.test.js`),
);

const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .sort();
const together = new Map(groups.map(({ name }) => [name, []]));
for (const file of files) {
  const group = groups.find(({ folders }) => folders.some((folder) => file.startsWith(`${folder}/`)));
  if (group === undefined || long.has(file)) continue;
  if (!needsItsOwn.test(readFileSync(path.join(compiled, file), 'utf8'))) together.get(group.name).push(file);
}

/** `ava` for one file: its titles begin as ava itself would begin them. */
const named = (file) => `
import test from 'ava';
const place = ${JSON.stringify(
  `${file
    .replace(/\.test\.js$/, '')
    .split('/')
    .join(' › ')} › `,
)};
const under = (declare) => (first, ...rest) => {
  if (typeof first === 'string' && typeof rest[0] === 'function') return declare(place + first, ...rest);
  const macro = typeof first === 'string' ? rest.shift() : first;
  const titled = (args) => place + (macro.title?.(typeof first === 'string' ? first : undefined, ...args) ?? first);
  return declare(titled(rest), macro.exec ?? macro, ...rest);
};
export default Object.assign(under(test), test, {
  skip: under(test.skip),
  failing: under(test.failing),
  only: under(test.only),
  todo: (title) => test.todo(place + title),
});
`;

const plugin = {
  name: 'together',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^ava$/ }, ({ importer }) =>
      importer.startsWith(compiled) && importer.endsWith('.test.js')
        ? { path: path.relative(compiled, importer), namespace: 'named' }
        : { path: 'ava', external: true },
    );
    onLoad({ filter: /.*/, namespace: 'named' }, ({ path: file }) => ({
      contents: named(file),
      resolveDir: compiled,
    }));
    // A module finds its neighbours from where it was.
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      if (file.includes(`${path.sep}node_modules${path.sep}`)) return undefined;
      const contents = readFileSync(file, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(file).href),
      );
      return { contents, resolveDir: path.dirname(file) };
    });
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await Promise.all(
  [...together].map(([name, members]) =>
    build({
      stdin: {
        contents: members.map((file) => `import ${JSON.stringify(`./${file}`)};`).join('\n'),
        resolveDir: compiled,
        sourcefile: `${name}.test.js`,
      },
      outfile: path.join(out, `${name}.test.js`),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
      plugins: [plugin],
      logLevel: 'warning',
    }),
  ),
);
writeFileSync(path.join(out, 'files.json'), JSON.stringify([...together.values()].flat(), undefined, 1));
