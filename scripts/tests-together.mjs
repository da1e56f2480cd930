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
 * What runs in one process: files below these folders, of them those that use something. The first that fits counts. `atOnce`: so many of their tests at a time,
 * where they wait for answers of servers, for disks and for other programs; all at once would wait for each other.
 */
const groups = [
  // with one Chromium
  { name: 'pages', uses: /helpers\/chromium\.js/, folders: ['web', 'lib'], atOnce: 3 },
  { name: 'canvas', folders: ['lib/core/canvas', 'lib/core/picture', 'lib/core/recording'] },
  { name: 'core', folders: ['lib/core'] },
  { name: 'cli', folders: ['lib/cli', 'bench', 'helpers', 'web', 'docs'] },
  { name: 'disk', folders: ['lib/io/canvas', 'lib/io/disk', 'lib/io/files', 'lib/io/sqlite'], atOnce: 6 },
  { name: 'net', folders: ['lib/io/net', 'lib/io/outside', 'lib/io/system', 'sqlite'], atOnce: 6 },
  { name: 'server', folders: ['lib/server', 'lib/admin'], atOnce: 6 },
  { name: 'sessions', folders: ['sessions', 'transcripts', 'contracts'], atOnce: 6 },
  { name: 'commands', folders: ['commands'], atOnce: 4 },
];

/**
 * Hooks around each test are around all tests of a process, as is what these change; `serial` would hold up the others. What
 * is imported by a name that is made up at run time is not the same module as in what is put together.
 */
const needsItsOwn =
  /\btest\.(serial|beforeEach|afterEach)|\bprocess\.(chdir|umask|exit|on|once|emit)\(|process\.env(\.\w+|\[.*\]) =[^=]|\bsyncBuiltinESMExports|helpers\/(disk-faults|authority)\.js|\busualRoad\b|\bimport\.meta\.resolve\b|\bimport\((?!['"])/;

/** They take so long, or open so many connections at once, that others would wait; or they count the processor time of the process. */
const apart = new Set(
  [
    ...['vectors', 'properties', 'tile-memory', 'mutated'].map((name) => `lib/core/canvas/${name}`),
    ...[
      'planted-links',
      'not-regular',
      'flooded',
      'modes',
      'live',
      'hostile-output',
      'stored-before-sent',
    ].map((name) => `commands/${name}`),
    ...['stored-before-sent', 'storage'].map((name) => `lib/server/${name}`),
    'lib/admin/operations',
    'lib/io/http/authentication',
    'lib/io/system/descriptors',
    'lib/io/system/patterns',
    'docs/commands',
    'docs/reverse-proxy',
  ].map((name) => `${name}.test.js`),
);

const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .sort();
const together = new Map(groups.map(({ name }) => [name, []]));
for (const file of files) {
  const text = readFileSync(path.join(compiled, file), 'utf8');
  const group = groups.find(
    ({ folders, uses }) =>
      folders.some((folder) => file.startsWith(`${folder}/`)) && (uses === undefined || uses.test(text)),
  );
  if (group !== undefined && !apart.has(file) && !needsItsOwn.test(text)) together.get(group.name).push(file);
}

/** `ava` for one file: its titles begin as ava itself would begin them. Hooks are for the process. */
const named = (file) => `
import test from 'ava';
import { declared, inTurn } from 'together';
const place = ${JSON.stringify(
  `${file
    .replace(/\.test\.js$/, '')
    .split('/')
    .join(' › ')} › `,
)};
const under = (declare) => (first, ...rest) => {
  if (typeof first === 'string' && typeof rest[0] === 'function') {
    const [test, ...args] = rest;
    declared.push(() => declare(place + first, inTurn(test), ...args));
    return;
  }
  const macro = typeof first === 'string' ? rest.shift() : first;
  const title = macro.title?.(typeof first === 'string' ? first : undefined, ...rest) ?? first;
  declared.push(() => declare(place + title, inTurn(macro.exec ?? macro), ...rest));
};
const hook = (declare, kind) => (...args) => void declared.push(() => declare(place + kind, args.at(-1)));
export default Object.assign(under(test), {
  macro: test.macro,
  skip: under(test.skip),
  failing: under(test.failing),
  only: under(test.only),
  todo: (title) => void declared.push(() => test.todo(place + title)),
  before: hook(test.before, 'before'),
  after: Object.assign(hook(test.after, 'after'), { always: hook(test.after.always, 'at the end') }),
});
`;

/**
 * What the files of a process share. ava wants all tests at once: they are declared when every file is loaded, also where one
 * awaits something first. A test begins when it is its turn, and gives that on when everything of it is torn down.
 */
const shared = (atOnce) => `
export const declared = [];
let running = 0;
const waiting = [];
export const inTurn = ${
  atOnce === undefined
    ? '(test) => test;'
    : `(test) => async (t, ...args) => {
  if (running < ${atOnce}) running++;
  else await new Promise((begin) => waiting.push(begin));
  // what is registered first is done last
  t.teardown(() => {
    const next = waiting.shift();
    if (next) next();
    else running--;
  });
  return test(t, ...args);
};`
}
`;

const plugin = (atOnce) => ({
  name: 'together',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^together$/ }, ({ path: name }) => ({ path: name, namespace: 'together' }));
    onLoad({ filter: /.*/, namespace: 'together' }, () => ({ contents: shared(atOnce) }));
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
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await Promise.all(
  groups.map(({ name, atOnce }) => {
    const members = together.get(name);
    return build({
      stdin: {
        contents: [
          ...members.map((file) => `import ${JSON.stringify(`./${file}`)};`),
          "import { declared } from 'together';",
          'for (const declare of declared) declare();',
        ].join('\n'),
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
      plugins: [plugin(atOnce)],
      logLevel: 'warning',
    });
  }),
);
writeFileSync(path.join(out, 'files.json'), JSON.stringify([...together.values()].flat(), undefined, 1));
