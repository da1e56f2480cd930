// The systemd units: what is in them, that systemd finds nothing to say, and how they get to their place.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import ServiceInstall from '../../../src/commands/service/install.js';
import ServicePrint from '../../../src/commands/service/print.js';
import { dataFolderOf, serviceUnit, unitWord } from '../../../src/lib/cli/service-units.js';
import { runCommand } from '../../helpers/run-command.js';

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0 || process.env.CI === 'true';
const withAnalyze = hasAnalyze ? test : test.skip;

function temporaryFolder(t: ExecutionContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-units-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function print(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCommand(ServicePrint, argv);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

test('the service runs node and run.js themselves, as a user of its own', async (t) => {
  const unit = await print();
  const line = `ExecStart=${process.execPath} ${path.resolve('bin/run.js')} serve\n`;
  t.true(unit.includes(line), unit);
  for (const expected of [
    'Type=notify',
    'User=dp',
    'StateDirectory=dp',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=\n',
  ]) {
    t.true(unit.includes(expected), expected);
  }
  t.false(unit.includes('npx'));
});

test('flags behind -- arrive as they are, with what systemd would change in them made safe', async (t) => {
  const unit = await print('--', '--set', 'serverTitle=A "b" $c 100%', '-p', '443');
  t.true(unit.includes(String.raw`serve --set "serverTitle=A \"b\" $$c 100%%" -p 443`), unit);
  t.true(unit.includes('AmbientCapabilities=CAP_NET_BIND_SERVICE'), 'a port below 1024 needs it');
  t.is(unitWord('$HOME'), '$$HOME');
  t.is(unitWord("it's"), `"it's"`);
});

test('folders outside /var/lib may be written to; relative ones are refused', async (t) => {
  const unit = await print(
    '--data',
    '/srv/dp data',
    '--',
    '--sessions',
    '/srv/sessions',
    '--database=/etc/dp/config.db',
  );
  t.true(
    unit.includes('ReadWritePaths="/srv/dp data"\nReadWritePaths=/srv/sessions\nReadWritePaths=/etc/dp\n'),
    unit,
  );
  t.true(unit.includes('Environment="DP_DATA=/srv/dp data"'));
  t.false(unit.includes('StateDirectory='));
  const refused = await runCommand(ServicePrint, ['--', '--sessions', 'here']);
  t.is(refused.status, 2);
  t.regex(refused.stderr, /here is a relative path, but services start in/);
});

test('what dp serve would refuse is refused before it is installed', async (t) => {
  for (const argv of [['--bogus'], ['--port', '0x'], ['--ssl-cert', '/x'], ['--port']]) {
    const { status } = await runCommand(ServicePrint, ['--', ...argv]);
    t.is(status, 2, argv.join(' '));
  }
  t.is((await runCommand(ServicePrint, ['--user', 'root'])).status, 2);
});

test('the sockets come in the order Drawpile, admin, WebSocket', async (t) => {
  const units = await print(
    '--socket',
    '--',
    '--listen',
    '::',
    '--web-admin-port',
    '27780',
    '--websocket-port',
    '27751',
  );
  t.true(
    units.includes('ListenStream=[::]:27750\nListenStream=127.0.0.1:27780\nListenStream=27751\n'),
    units,
  );
  t.true(units.includes('Requires=dp.socket'));
  const refused = await runCommand(ServicePrint, ['--socket', '--', '--websocket-port', '27751']);
  t.regex(refused.stderr, /third socket/);
});

test('the web port has a socket unit of its own, which names it, beside any of the others', async (t) => {
  const units = await print('--socket', '--', '--web-port', '443', '--web-listen', '::');
  t.true(units.includes('ListenStream=27750\n'), units);
  t.true(units.includes('ListenStream=[::]:443\nFileDescriptorName=web\nService=dp.service\n'), units);
  t.true(units.includes('Requires=dp.socket dp-web.socket\n'), units);
  const root = temporaryFolder(t);
  const { stdout } = await runCommand(ServiceInstall, [
    '--root',
    root,
    '--socket',
    '--',
    '--web-port',
    '443',
  ]);
  t.true(stdout.includes('systemctl enable --now dp.socket dp-web.socket'), stdout);
  t.true(fs.existsSync(path.join(root, 'etc/systemd/system/dp-web.socket')));
});

test('a port below 1024 may be used, whichever it is and wherever it is set', async (t) => {
  const grants = (text: string) => text.includes('AmbientCapabilities=CAP_NET_BIND_SERVICE');
  t.false(grants(await print()));
  t.false(grants(await print('--', '--web-port', '8443', '--announce-port', '443')));
  for (const flag of ['--port', '--websocket-port', '--web-port', '--web-admin-port']) {
    t.true(grants(await print('--', flag, '443')), flag);
  }
  const data = temporaryFolder(t);
  fs.writeFileSync(path.join(data, 'serve.env'), 'DP_WEB_PORT=443\n');
  t.true(grants(await print('--data', data)));
  fs.writeFileSync(path.join(data, 'serve.env'), 'DP_WEB_PORT=nonsense\n');
  t.false(grants(await print('--data', data)));
});

test('--json gives the texts', async (t) => {
  const { units } = (await runCommand(ServicePrint, ['--json', '--socket'])).json<{
    units: { name: string }[];
  }>();
  t.deepEqual(
    units.map(({ name }) => name),
    ['dp.service', 'dp.socket'],
  );
});

test('installing below a folder writes the units once, and never over changes without --force', async (t) => {
  const root = temporaryFolder(t);
  const file = path.join(root, 'etc/systemd/system/dp.service');
  const first = await runCommand(ServiceInstall, ['--root', root]);
  t.is(first.status, 0, first.stderr);
  t.true(first.stdout.includes(`wrote      ${file}`));
  t.true(first.stdout.includes('systemctl enable --now dp.service'));
  t.true((await runCommand(ServiceInstall, ['--root', root])).stdout.includes('unchanged'));
  fs.appendFileSync(file, '# mine\n');
  const second = await runCommand(ServiceInstall, ['--root', root]);
  t.is(second.status, 6);
  t.true(second.stderr.includes(`${file} already exists and is different`));
  t.true(fs.readFileSync(file, 'utf8').endsWith('# mine\n'));
  t.is((await runCommand(ServiceInstall, ['--root', root, '--force'])).status, 0);
  t.false(fs.readFileSync(file, 'utf8').includes('# mine'));
  t.deepEqual(fs.readdirSync(path.dirname(file)), ['dp.service']);
});

withAnalyze('systemd finds nothing wrong with the units, and the service well locked away', async (t) => {
  const root = temporaryFolder(t);
  const listeners = ['--web-admin-port', '27780', '--web-port', '443'];
  const argv = ['--root', root, '--socket', '--user', 'daemon', '--', ...listeners];
  t.is((await runCommand(ServiceInstall, argv)).status, 0);
  const folder = path.join(root, 'etc/systemd/system');
  for (const name of ['dp.service', 'dp.socket', 'dp-web.socket']) {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path.join(folder, name)], {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
    });
    const ours = stderr.split('\n').filter((line) => /dp(-web)?\.s/.test(line));
    t.deepEqual(ours, [], `${name}: ${status}`);
  }
  const { stdout } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=yes', '--no-pager', path.join(folder, 'dp.service')],
    {
      encoding: 'utf8',
    },
  );
  const [, exposure] = /exposure level for dp\.service: ([\d.]+)/.exec(stdout) ?? [];
  t.true(Number(exposure) < 2.5, stdout);
});

test('where nothing can tell systemd that the server is ready, systemd does not wait for it', (t) => {
  const options = { command: ['/usr/bin/node', 'run.js'], flags: [], user: 'dp', dataFolder: '/var/lib/dp' };
  const unit = serviceUnit({ ...options, canNotify: false });
  t.true(unit.includes('\nType=exec\n'));
  t.notRegex(unit, /Watchdog|Notify|^$\n^$/m);
  t.is(serviceUnit(options), serviceUnit({ ...options, canNotify: true }));
});

test('which folder a unit serves can be read from it', (t) => {
  for (const dataFolder of ['/var/lib/dp', '/srv/dp data', '/srv/100% "dp"', '/srv/a\\b']) {
    const options = { command: ['/usr/bin/node', 'run.js'], flags: [], user: 'dp', dataFolder };
    t.is(dataFolderOf(serviceUnit(options)), dataFolder);
  }
  t.is(dataFolderOf(''), undefined);
});
