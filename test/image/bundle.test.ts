// What `dp serve` loads is put together (scripts/bundle.mjs), and still finds what lies beside its modules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test from 'ava';

const bundle = path.resolve('dist/bundle');
const files = readdirSync(bundle).filter((name) => name.endsWith('.js'));

test('the command is the bundle', (t) => {
  t.is(readFileSync('dist/commands/serve.js', 'utf8'), "export { default } from '../bundle/serve.js';\n");
  t.true(files.includes('serve.js'));
});

test('a module in the bundle names places as seen from where it was', (t) => {
  const places = new Set<string>();
  for (const name of files) {
    const code = readFileSync(path.join(bundle, name), 'utf8');
    const named = code.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g);
    let count = 0;
    for (const [, place] of named) {
      places.add(fileURLToPath(new URL(place!, pathToFileURL(path.join(bundle, name)))));
      count++;
    }
    t.is(code.split('import.meta').length - 1, count, name);
  }
  t.true(places.size >= 5);
  for (const place of places) t.true(existsSync(place), place);
});

test('workers of modules in the bundle are where these look for them', (t) => {
  const found: string[] = [];
  for (const name of files) {
    const code = readFileSync(path.join(bundle, name), 'utf8');
    const workers = code.matchAll(
      /new URL\("(\.[^"]+worker\.js)",\s*new URL\("([^"]+)", import\.meta\.url\)/g,
    );
    for (const [, worker, module] of workers) {
      const url = new URL(worker!, new URL(module!, pathToFileURL(path.join(bundle, name))));
      t.true(existsSync(url), `${worker} of ${module}`);
      found.push(worker!);
    }
  }
  t.deepEqual(found.sort(), ['./backup-worker.js', './database-worker.js']);
});

test('what is loaded later is not in the first file', (t) => {
  const first = readFileSync(path.join(bundle, 'serve.js'), 'utf8');
  for (const module of ['io/net/websocket.js', 'io/http/app.js', 'io/sqlite/database-thread.js'])
    t.false(first.includes(`// dist/lib/${module}`), module);
});
