// Debian packages for tests of their life: another version of one, the one of Node, and what `dpkg` says.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same package with a later version. */
export function laterVersion(deb: string, version: string, folder: string): string {
  const tree = join(folder, `tree-${version}`);
  execFileSync('dpkg-deb', ['-R', deb, tree]);
  const control = join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
  const manifest = join(tree, 'usr/lib/dp/package.json');
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace(/"version": "[^"]*"/, `"version": "${version}"`),
  );
  const out = join(folder, `dp-server_${version}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, out], { stdio: 'ignore' });
  return out;
}

/** A package `nodejs` with the Node that runs this. */
export function nodePackage(folder: string): string {
  const tree = join(folder, 'nodejs');
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  mkdirSync(join(tree, 'DEBIAN'));
  copyFileSync(process.execPath, join(tree, 'usr/bin/node'));
  chmodSync(join(tree, 'usr/bin/node'), 0o755);
  const arch = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: nodejs\nVersion: ${process.versions.node}\nArchitecture: ${arch}\nMaintainer: Test <test@localhost>\nDescription: Node for a test\n`,
  );
  const out = join(folder, 'nodejs.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, out], { stdio: 'ignore' });
  return out;
}

export function run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...(env && { env }) });
  return { status, said: `${stdout}${stderr}` };
}
