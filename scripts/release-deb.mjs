// The Debian package: dp in /usr/lib/dp with the packages that it needs, as npm installed them here.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pruneReadyMade } from '../sqlite/prune.mjs';

const dataFolder = '/var/lib/dp';
const user = 'dp';

/** Who answers for the package, `Name <address>`: `given`, else the author in package.json if they have an address, else Debian's own variables. */
export function maintainerOf(given, { author }, { DEBFULLNAME, DEBEMAIL } = process.env) {
  const named = typeof author === 'object' ? `${author.name} <${author.email ?? ''}>` : author;
  const ofAuthor = named?.includes('@') ? named : undefined;
  const ofVariables = DEBFULLNAME && DEBEMAIL ? `${DEBFULLNAME} <${DEBEMAIL}>` : undefined;
  const wanted = given ?? ofAuthor ?? ofVariables;
  if (typeof wanted === 'string' && /^[^<>\p{Cc}]+ <[^<>\s@]+@[^<>\s@]+>$/u.test(wanted)) return wanted;
  throw new Error(
    wanted === undefined
      ? `the Debian package has no maintainer\nhint: run 'npm run release -- --maintainer "Name <name@example.org>"', or set DEBFULLNAME and DEBEMAIL`
      : `invalid maintainer '${typeof wanted === 'string' ? wanted : JSON.stringify(wanted)}': expected 'Name <name@example.org>'`,
  );
}

/** Builds the package into `out` and returns the name of its file. `folder`: the unpacked tarball. */
export async function buildDeb({ root, folder, version, out, stage, maintainer, isQuick }) {
  const tree = join(stage, 'deb');
  const put = (path, content, mode = 0o644) => {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const program = join(tree, 'usr/lib/dp');
  cpSync(folder, program, { recursive: true });
  for (const name of ['man', 'completions']) rmSync(join(program, name), { recursive: true });
  copyPackages(root, program);
  const hasBuilt = addSqlite(root, program);

  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/dp/bin/run.js', join(tree, 'usr/bin/dp'));
  symlinkSync('../lib/dp/bin/drawpile-srv.js', join(tree, 'usr/bin/drawpile-srv'));
  for (const name of readdirSync(join(folder, 'man')))
    put(`usr/share/man/man${name.at(-1)}/${name}.gz`, packed(readFileSync(join(folder, 'man', name))));
  for (const [from, to] of [
    ['dp.bash', 'bash-completion/completions/dp'],
    ['_dp', 'zsh/vendor-completions/_dp'],
    ['dp.fish', 'fish/vendor_completions.d/dp.fish'],
  ])
    put(`usr/share/${to}`, readFileSync(join(folder, 'completions', from)));
  put('usr/share/doc/dp-server/changelog.gz', packed(readFileSync(join(root, 'CHANGELOG.md'))));
  put(
    'usr/share/doc/dp-server/copyright',
    'License: GPL-3.0-or-later, see /usr/share/common-licenses/GPL-3.\nThe packages in /usr/lib/dp/node_modules have their own, beside them.\n',
  );
  const { serviceName, serviceUnit } = await import('../dist/lib/cli/service-units.js');
  const unit = serviceUnit({
    command: ['/usr/bin/node', '/usr/lib/dp/bin/run.js'],
    flags: [],
    user,
    dataFolder,
  });
  put(
    `usr/lib/systemd/system/${serviceName}`,
    unit.replace(/^# Written by .*? Changes/, '# Part of the package dp-server. Changes'),
  );
  put('usr/lib/sysusers.d/dp.conf', `u ${user} - "Drawpile server" ${dataFolder} /usr/sbin/nologin\n`);

  const arch = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  // 1.2.3-dev.4 comes before 1.2.3 for npm; Debian writes that with a tilde.
  const debVersion = version.replace('-', '~');
  const { description } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  put(
    'DEBIAN/control',
    `Package: dp-server
Version: ${debVersion}
Architecture: ${arch}
Maintainer: ${maintainer}
Depends: nodejs (>= ${hasBuilt ? '20.19' : '22'}), passwd
Recommends: ca-certificates
Suggests: ffmpeg
Section: net
Priority: optional
Installed-Size: ${Math.ceil(sizeOf(tree) / 1024)}
Description: ${description}
`,
  );
  for (const [name, text] of Object.entries(maintainerScripts(serviceName)))
    put(`DEBIAN/${name}`, text, 0o755);
  const file = `dp-server_${debVersion}_${arch}.deb`;
  const compression = isQuick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z3'];
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, join(out, file)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return file;
}

/** What the lockfile says that users need, as far as it is installed here: packages for other systems are not. */
function copyPackages(root, program) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
    // better-sqlite3 comes with addSqlite().
    if (path === '' || dev || devOptional || /^node_modules\/(better-sqlite3|node-addon-api)$/.test(path))
      continue;
    if (!existsSync(join(root, path))) {
      if (optional) continue;
      throw new Error(`${path} is missing: run 'npm ci' first`);
    }
    cpSync(join(root, path), join(program, path), {
      recursive: true,
      // Nested packages are entries of their own; the rest is of no use at run time.
      filter: (from) =>
        !/(?<=.)\/node_modules$|\.(map|md|markdown)$/.test(from.slice(join(root, path).length)),
    });
  }
}

/** better-sqlite3 13 for Node 22 and newer, and 12 where it was built here; only what runs. True when 12 is in it. */
function addSqlite(root, program) {
  const source = join(root, 'sqlite');
  const ready = join(program, 'sqlite/13');
  execFileSync('npm', ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--silent'], {
    cwd: ready,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const library = join(ready, 'node_modules/better-sqlite3');
  pruneReadyMade(library);
  rmSync(join(library, 'binding.gyp'), { force: true });
  rmSync(join(ready, 'node_modules/node-addon-api'), { recursive: true, force: true });

  const built = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
  if (!existsSync(join(source, '12', built))) return false;
  for (const path of [
    built,
    'node_modules/better-sqlite3/lib',
    'node_modules/better-sqlite3/package.json',
    'node_modules/better-sqlite3/LICENSE',
    'node_modules/bindings',
    'node_modules/file-uri-to-path',
  ])
    cpSync(join(source, '12', path), join(program, 'sqlite/12', path), { recursive: true });
  return true;
}

/** The service is not started by the installation: `dp init` comes first. What people drew stays after a purge. */
function maintainerScripts(service) {
  const withSystemd = (text) => `if [ -d /run/systemd/system ]; then ${text}; fi`;
  return {
    postinst: `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent passwd ${user} >/dev/null || useradd --system --user-group --home-dir ${dataFolder} --no-create-home --shell /usr/sbin/nologin ${user}
  ${withSystemd(`systemctl daemon-reload; systemctl try-restart ${service}`)}
  if [ -z "$2" ]; then
    echo "dp-server: set it up with 'sudo dp init', start it with 'sudo systemctl enable --now ${service}'"
  fi
fi
`,
    prerm: `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  ${withSystemd(`systemctl disable --now ${service} || true`)}
fi
`,
    postrm: `#!/bin/sh
set -e
${withSystemd('systemctl daemon-reload || true')}
if [ "$1" = purge ] && [ -d ${dataFolder} ]; then
  echo "dp-server: ${dataFolder} is kept: it holds what people drew. Delete it yourself if nobody needs it."
fi
`,
  };
}

function packed(bytes) {
  return gzipSync(bytes, { level: 9 });
}

function sizeOf(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath ?? entry.path, entry.name)).size;
  return sum;
}
