// Which user serves, and that a process that began as root can't do root's things afterwards (only checked as root).

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test from 'ava';
import { dropPrivileges, findUser, planDrop } from '../../../../src/lib/io/system/user.js';

const passwd = 'root:x:0:0:root:/root:/bin/sh\npainter:x:1234:1235:,,,:/home/painter:/bin/sh\nbroken line\n';
const whenRoot = process.geteuid?.() === 0 ? test : test.skip;
const whenOrdinary = process.geteuid?.() === 0 ? test.skip : test;

test('a user is found by name and by number', (t) => {
  const painter = { name: 'painter', uid: 1234, gid: 1235, home: '/home/painter' };
  t.deepEqual(findUser('painter', passwd), painter);
  t.deepEqual(findUser('1234', passwd), painter);
  t.is(findUser('no/such user', passwd), undefined);
  t.is(findUser('no-such-user-anywhere', passwd), undefined);
});

whenOrdinary('an ordinary user stays who it is and may not ask for another', (t) => {
  t.is(dropPrivileges({ dataFolder: '/nowhere' }), undefined);
  t.is(dropPrivileges({ user: String(process.geteuid?.()) }), undefined);
  t.throws(() => dropPrivileges({ user: 'root' }), { message: /only root can/ });
});

whenRoot('a named user is taken, root and unknown ones are refused', (t) => {
  t.is(planDrop({ user: 'nobody' })?.user.name, 'nobody');
  t.throws(() => planDrop({ user: 'root' }), { message: /never runs as root/ });
  t.throws(() => planDrop({ user: '0' }), { message: /never runs as root/ });
  t.throws(() => planDrop({ user: 'no-such-user-anywhere' }), { message: /no such user/ });
});

whenRoot("the data folder's owner serves, nobody when that is root", (t) => {
  const folder = temporaryFolder(t);
  t.is(planDrop({ dataFolder: folder })?.user.name, 'nobody');
  t.is(planDrop({ dataFolder: path.join(folder, 'missing') })?.user.name, 'nobody');
  fs.chownSync(folder, 54321, 54322);
  const plan = planDrop({ dataFolder: folder });
  t.is(plan?.user.uid, 54321);
  t.is(plan?.user.gid, 54322);
});

whenRoot('after the change root is gone for good, home and groups with it', (t) => {
  const folder = temporaryFolder(t);
  const data = path.join(folder, 'a', 'b');
  const report = runAsChild({ dataFolder: data }) as Report;
  t.deepEqual(report.ids, [65534, 65534, 65534, 65534]);
  t.false(report.groups.includes(0));
  t.is(report.home, data);
  t.true(report.canWriteData);
  t.false(report.canReturn);
  t.is(report.xdg, undefined);
  t.is(fs.statSync(data).uid, 65534);
  t.is(fs.statSync(path.dirname(data)).uid, 65534, 'what had to be made is handed over whole');
  t.is(fs.statSync(folder).uid, 0, 'what was there is not touched');
  t.regex(report.line, /^Started as root: serving as nobody \(user 65534\) from here on/);
});

whenRoot('a number without a name serves with its own group only', (t) => {
  const folder = temporaryFolder(t);
  fs.chownSync(folder, 54321, 54322);
  const report = runAsChild({ dataFolder: folder }) as Report;
  t.deepEqual(report.ids, [54321, 54321, 54322, 54322]);
  t.deepEqual(report.groups, [54322]);
});

whenRoot("a folder of the operator's that can't be written is one line and the chown to type", (t) => {
  const folder = temporaryFolder(t);
  const sessions = path.join(folder, "painter's sessions");
  fs.mkdirSync(sessions, { mode: 0o755 });
  const report = runAsChild({ dataFolder: path.join(folder, 'data'), folders: [sessions] });
  t.deepEqual(report, {
    message: `${sessions}: nobody (user 65534) cannot write to it`,
    hint: `change its owner: chown -R nobody: '${sessions.replace("'", `'\\''`)}'`,
  });
  t.is(fs.statSync(sessions).uid, 0);
});

whenRoot('a folder behind a closed one names the closed one', (t) => {
  const folder = temporaryFolder(t);
  const closed = path.join(folder, 'closed');
  fs.mkdirSync(closed, { mode: 0o700 });
  const { message, hint } = runAsChild({ dataFolder: path.join(closed, 'data') }) as Refused;
  t.is(message, `${path.join(closed, 'data')}: nobody (user 65534) cannot pass through ${closed}`);
  t.true(hint.startsWith(`allow it to pass: chmod o+x ${closed} `));
});

interface Report {
  ids: number[];
  groups: number[];
  home: string;
  xdg?: string;
  canWriteData: boolean;
  canReturn: boolean;
  line: string;
}

interface Refused {
  message: string;
  hint: string;
}

function runAsChild(options: object): unknown {
  const module = new URL('../../../../src/lib/io/system/user.js', import.meta.url).href;
  const program = `
    import fs from 'node:fs';
    const { dropPrivileges } = await import(${JSON.stringify(module)});
    try {
      const { dataFolder, line } = dropPrivileges(${JSON.stringify(options)});
      let canReturn = true;
      try { process.setuid(0); } catch { canReturn = false; }
      fs.writeFileSync(dataFolder + '/file', '');
      console.log(JSON.stringify({
        ids: [process.getuid(), process.geteuid(), process.getgid(), process.getegid()],
        groups: process.getgroups(), home: process.env.HOME, xdg: process.env.XDG_DATA_HOME,
        canWriteData: true, canReturn, line,
      }));
    } catch ({ message, hint }) {
      console.log(JSON.stringify({ message, hint }));
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, XDG_DATA_HOME: '/root/.local/share' },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

function temporaryFolder(t: { teardown(run: () => void): void }): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-user-'));
  fs.chmodSync(folder, 0o755);
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
