// Puts the app of administrators (src/web) into dist/web: one script and one style whose names change with their content,
// and each of them packed. Says how much a browser loads for the first view.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes of the first view with gzip, at most: a phone loads it in a second. */
export const firstViewBytesAtMost = 100 * 1024;

/** Operations that change something, as the table of operations says. */
async function changingOperations(root) {
  const table = pathToFileURL(path.join(root, 'dist/lib/admin/operations.js')).href;
  const { loadOperations } = await import(table);
  return Object.entries(await loadOperations()).flatMap(([name, { isChange }]) => (isChange ? [name] : []));
}

export async function bundleWeb(root) {
  const source = path.join(root, 'src/web');
  const folder = path.join(root, 'dist/web');
  mkdirSync(folder, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [path.join(source, 'app.tsx')],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    define: { CHANGING_OPERATIONS: JSON.stringify(await changingOperations(root)) },
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/admin/assets/',
    loader: { '.svg': 'file' },
    write: false,
    logLevel: 'warning',
  });
  const names = outputFiles.map(({ path: file }) => path.basename(file));
  const find = (pattern) => names.find((name) => pattern.test(name));
  const page = readFileSync(path.join(source, 'index.html'), 'utf8')
    .replace('{script}', find(/^app-.*\.js$/))
    .replace('{style}', find(/^app-.*\.css$/));
  const files = new Map(outputFiles.map(({ path: file, contents }) => [path.basename(file), contents]));
  files.set('index.html', Buffer.from(page));
  let bytes = 0;
  for (const [name, contents] of files) {
    const packed = gzipSync(contents, { level: 9 });
    bytes += packed.length;
    writeFileSync(path.join(folder, name), contents);
    writeFileSync(path.join(folder, `${name}.gz`), packed);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(contents, { params }));
  }
  if (bytes > firstViewBytesAtMost) {
    throw new Error(
      `the first view of the app has ${bytes} bytes with gzip, more than ${firstViewBytesAtMost}`,
    );
  }
  if (process.env.DP_BUILD_SIZES) process.stdout.write(`app: ${bytes} bytes with gzip\n`);
}
