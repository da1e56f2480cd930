// `npm run release [-- --out FOLDER --no-build --quick --maintainer 'NAME <ADDRESS>']`: everything that a release consists of,
// into release/. With --quick the Debian package is larger, and done sooner: for tests.
//   dp-server-VERSION.tgz             for `npm install --global ./dp-server-VERSION.tgz`
//   dp-server_VERSION_ARCH.deb        with its packages, a systemd unit and its user
//   dp-server-VERSION.cdx.json        the list of parts (CycloneDX)
//   CHANGES.md                        this version's section of CHANGELOG.md
//   SHA256SUMS
// The version is that of the commit's tag (v1.2.3); without a tag it is a development version that sorts before the next.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDeb, maintainerOf } from './release-deb.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'release') },
    'no-build': { type: 'boolean' },
    quick: { type: 'boolean' },
    maintainer: { type: 'string' },
  },
});
const out = resolve(values.out);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const npm = (args, cwd) => run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, cwd);

const manifest = readJson(join(root, 'package.json'));
const version = versionOf(manifest.version);
const maintainer = hasDpkg() ? requireMaintainer() : undefined;
const stage = mkdtempSync(join(tmpdir(), 'dp-release-'));
try {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  if (!values['no-build']) run(process.execPath, ['scripts/build.mjs']);
  run(process.execPath, ['scripts/completions.mjs']);
  const folder = stagePackage();
  const tarball = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', out], folder));
  const files = [Object.values(tarball)[0].filename];
  files.push(writeParts());
  files.push('CHANGES.md');
  writeFileSync(join(out, 'CHANGES.md'), changes());
  if (maintainer !== undefined)
    files.push(await buildDeb({ root, folder, version, out, stage, maintainer, isQuick: values.quick }));
  else console.error("no .deb: there is no dpkg-deb here (Debian: 'apt-get install dpkg')");
  const sums = files.sort().map((name) => `${sha256(readFileSync(join(out, name)))}  ${name}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
  for (const name of [...files, 'SHA256SUMS']) console.log(join(out, name));
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** Before anything is built. */
function requireMaintainer() {
  try {
    return maintainerOf(values.maintainer, manifest);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(2);
  }
}

function versionOf(last) {
  const git = (...args) => {
    try {
      return execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return '';
    }
  };
  const tag = git('describe', '--tags', '--exact-match', '--match', 'v[0-9]*');
  if (/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag)) return tag.slice(1);
  return `${last}-dev.${git('rev-list', '--count', 'HEAD') || 0}`;
}

/** The content of the tarball with this version, without what only developers need. */
function stagePackage() {
  const packed = Object.values(
    JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', stage])),
  )[0];
  run('tar', ['xzf', join(stage, packed.filename), '-C', stage]);
  const folder = join(stage, 'package');
  for (const name of ['package.json', 'oclif.manifest.json'])
    writeJson(join(folder, name), { ...readJson(join(folder, name)), version });
  const { devDependencies: _, scripts, ...rest } = readJson(join(folder, 'package.json'));
  writeJson(join(folder, 'package.json'), { ...rest, scripts: { install: scripts.install } });
  return folder;
}

/** Both versions of better-sqlite3 are in it: which of them runs depends on Node. */
function writeParts() {
  const parts = listParts(root);
  const forNode20 = listParts(join(root, 'sqlite/12'));
  const known = new Set(parts.components.map((part) => part['bom-ref']));
  const isNew = (ref) => !known.has(ref);
  parts.components.push(...forNode20.components.filter((part) => isNew(part['bom-ref'])));
  const inner = forNode20.metadata.component['bom-ref'];
  parts.dependencies.push(...forNode20.dependencies.filter(({ ref }) => ref !== inner && isNew(ref)));

  const own = parts.metadata.component;
  const ref = `${manifest.name}@${version}`;
  for (const entry of parts.dependencies) if (entry.ref === own['bom-ref']) entry.ref = ref;
  Object.assign(own, { 'bom-ref': ref, name: manifest.name, version, purl: `pkg:npm/${ref}` });
  const name = `${manifest.name}-${version}.cdx.json`;
  writeJson(join(out, name), parts);
  return name;
}

/** What users get. `npm sbom --omit dev` also omits what developers get too, so the lockfile says what remains. */
function listParts(folder) {
  const parts = JSON.parse(npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], folder));
  const { packages } = readJson(join(folder, 'package-lock.json'));
  const wanted = new Set(
    Object.entries(packages)
      .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
      .map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`),
  );
  parts.components = parts.components.filter((part) => wanted.has(part['bom-ref']));
  wanted.add(parts.metadata.component['bom-ref']);
  parts.dependencies = parts.dependencies
    .filter(({ ref }) => wanted.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => wanted.has(other)) }));
  return parts;
}

function changes() {
  const sections = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m);
  const titled = (title) => sections.find((section) => section.split(/[\n ]/)[1] === title);
  const section = titled(version) ?? titled('Unreleased');
  if (section === undefined) throw new Error(`CHANGELOG.md has no section '${version}' or 'Unreleased'`);
  return section.replace(/^## Unreleased/, `## ${version}`);
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function hasDpkg() {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'dpkg-deb')));
}
