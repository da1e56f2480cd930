// Puts what `dp serve` is made of into a few files in dist/bundle: loading 270 modules one by one took a third of the time
// of a start and 5 MB of memory. What is loaded later (admin API, WebSocket, database) stays in files of its own. Other
// commands, workers and hooks load what tsc compiled, as it is.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** A module finds its neighbours (workers, packages, package.json) from where it was, not from where the bundle is. */
const keepPlaces = (dist, outdir) => ({
  name: 'keep-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      if (!file.startsWith(dist + path.sep)) return undefined;
      const place = JSON.stringify(path.relative(outdir, file).replaceAll(path.sep, '/'));
      const contents = readFileSync(file, 'utf8').replaceAll(
        'import.meta.url',
        `new URL(${place}, import.meta.url).href`,
      );
      return { contents, resolveDir: path.dirname(file) };
    }),
});

export async function bundleServer(dist) {
  const command = path.join(dist, 'commands/serve.js');
  const outdir = path.join(dist, 'bundle');
  await build({
    entryPoints: [command],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    chunkNames: '[name]-[hash]',
    plugins: [keepPlaces(dist, outdir)],
    logLevel: 'warning',
  });
  writeFileSync(command, "export { default } from '../bundle/serve.js';\n");
}
