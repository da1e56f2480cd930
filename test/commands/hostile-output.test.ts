// What users and files can put into what commands print for people: no colour, cursor movement or turned direction of
// theirs reaches a terminal, and no line begins with what they wrote.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { LogTopic } from '../../src/lib/core/session/needs.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { runTyped } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Each in the place of a name, a title, a text. All contain a mark by which a line that they begin is found. */
const hostile: Readonly<Record<string, string>> = {
  'colours and a cleared screen': '\u001b[7mINVERSE\u001b[2J\u001b]0;title\u0007',
  'one-byte escapes': '\u009b7mINVERSE\u009d0;title\u009c\u0090q',
  'other lines':
    'first\nINJECTED row\r\nINJECTED\u2028INJECTED\u2029INJECTED\u0085INJECTED\u000bINJECTED\u000cINJECTED',
  'turned direction': 'txt.\u202egnp\u2066INVERSE\u2069\u200f\u061c\u200b\u00ad\ufeff',
  'wide and combining': `界${'e\u0301\u0302\u0323'.repeat(20)}${'\u0300'.repeat(60)}`,
  'very long': `${'long'.repeat(700)}\u001b[7m\nINJECTED`,
};

const forbidden = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\ufeff\u00ad]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own styles
const ownStyles = /\u001b\[(?:0|1|22|2|31|32|33|36|39)m/g;

function requireClean(t: ExecutionContext, text: string, shown: string): void {
  const bare = text.replace(ownStyles, '');
  const found = forbidden.exec(bare);
  t.is(
    found,
    null,
    `${shown}: ${JSON.stringify(bare.slice(Math.max(0, (found?.index ?? 0) - 60)).slice(0, 120))}`,
  );
  // in CSV a cell has lines
  const lines = shown.includes('--csv') ? [] : bare.split('\n');
  for (const line of lines) t.notRegex(line, /^INJECTED/, shown);
}

const looks = [
  { name: 'a narrow terminal', columns: 40 },
  { name: 'colours in a pipe', env: { FORCE_COLOR: '1' } },
] as const;

async function requireAllClean(
  t: ExecutionContext,
  argvs: readonly (readonly string[])[],
  env: Record<string, string>,
  allowed: readonly number[] = [0],
): Promise<void> {
  for (const { name, ...look } of looks) {
    for (const argv of argvs) {
      const ran = await runTyped(argv, { ...look, env: { ...env, ...('env' in look ? look.env : {}) } });
      const shown = `${argv.join(' ').slice(0, 80)} in ${name}`;
      t.true(allowed.includes(ran.status), `${shown}: ${ran.status} ${ran.stderr}`);
      requireClean(t, ran.stdout, shown);
      requireClean(t, ran.stderr, shown);
    }
  }
}

for (const [what, text] of Object.entries(hostile)) {
  test(`of a server: ${what}`, async (t) => {
    const server = await startAdminServer(t, { settings: { clientTimeout: '1d' } });
    const env = { ...server.env, DP_DATABASE: server.database ?? '' };
    const { stores } = server.configuration;
    const { accounts, bans, listServers, settings, audit, grants } = stores;
    const host = await Client.host(server.server.port, { name: 'Anna', title: `${text.slice(0, 200)}` });
    const session = server.server.directory.find(host.sessionId)!;
    host.command('sessionconf', [], { title: text.slice(0, 200) });
    host.chat(text.slice(0, 500));
    host.command('report', [], { reason: text.slice(0, 500) });
    await host.ping();
    await accounts.add({
      name: text.slice(0, 100),
      password: '*',
      isLocked: false,
      flags: [text.slice(0, 30)],
    });
    await bans.add({
      kind: 'ip',
      address: '192.0.2.0',
      bits: 24,
      expires: undefined,
      comment: text,
    } as never);
    await bans.add({
      ...{
        kind: 'client',
        sid: text.slice(0, 60),
        reaction: 'normal',
        reason: text,
        comment: text,
        expires: undefined,
      },
    } as never);
    await listServers.replace([text]);
    await settings.change(
      new Map([
        ['serverTitle', text],
        ['welcomeMessage', text],
        ['forbiddenTitleRegex', text],
      ]),
    );
    server.configuration.log.write({
      ...{
        time: Date.now(),
        level: 'warn',
        topic: 'Status' as LogTopic,
        session: text.slice(0, 40),
        message: text,
      },
      user: { id: 1, ip: text.slice(0, 30), name: text.slice(0, 60) },
    });
    await audit!.append([
      {
        when: Date.now(),
        actor: { kind: 'administrator', name: text } as never,
        address: text,
        what: text,
        on: { kind: 'session', name: text, session: text },
        before: { [text]: text },
        after: { [text]: text },
      },
    ]);
    const grant = { role: 'observer', proof: '', created: Date.now(), expires: null } as const;
    await grants!.add({ ...grant, kind: 'token', name: text, digest: 'a' });
    await grants!.add({ ...grant, kind: 'login', name: text, digest: 'b' });
    await runTyped(['note', 'add', 'Anna', text.slice(0, 300)], { env });
    await requireAllClean(
      t,
      [
        ['status'],
        ['top', '--once'],
        ['session', 'list'],
        ['session', 'show', session.id],
        ['session', 'users', session.id],
        ['session', 'chat', session.id],
        ['session', 'invites', session.id],
        ['session', 'problems'],
        ['session', 'show', text],
        ['session', 'set', session.id, `title=${text.slice(0, 100)}`],
        ['user', 'list'],
        ['user', 'list', '--online'],
        ['user', 'find', 'Anna'],
        ['user', 'show', text.slice(0, 100)],
        ['user', 'show', `no-${text}`],
        ['ban', 'list'],
        ['ban', 'list', '--csv'],
        ['ban', 'explain', '192.0.2.7'],
        ['ban', 'ip', '192.0.2.0/23', '--dry-run'],
        ['config', 'list'],
        ['config', 'list', '--origin'],
        ['config', 'get', 'serverTitle'],
        ['config', 'get', text],
        ['config', 'check'],
        ['config', 'set', `serverTitle=${text.replaceAll('\n', ' ')}`],
        ['listserver', 'list'],
        ['extban', 'list'],
        ['log'],
        ['log', '--csv'],
        ['audit'],
        ['token', 'list'],
        ['token', 'revoke', `no-${text}`],
        ['login', 'list'],
        ['lock', 'list'],
        ['report', 'list'],
        ['report', 'show', '1'],
        ['note', 'list'],
        ['say', text.slice(0, 200)],
        ['cert', 'status'],
      ],
      env,
      [0, 1, 2, 4, 6, 7, 8],
    );
  });

  test(`of files: ${what}`, async (t) => {
    const top = tempFolder(t);
    // as long as a name may be, and what no name may contain left out
    const name = [...text.replaceAll('/', '_').replaceAll('\u0000', '')].slice(0, 40).join('');
    const folder = join(top, name);
    mkdirSync(folder);
    const inside = (file: string) => join(folder, file);
    writeFileSync(
      inside(`${name}.dptxt`),
      `!version=dp:4.24.0\n!${'x'}=${JSON.stringify(text)}\n1 join name=${text}\n`,
    );
    copyFileSync('test/vectors/formats/v21/all-types.dprec', inside(`${name}.dprec`));
    writeFileSync(
      inside('dp.conf'),
      `serverTitle=${text.replaceAll('\n', ' ')}\n${text}\n[${text.replaceAll('\n', ' ')}]\n`,
    );
    writeFileSync(inside('cert.pem'), text);
    writeFileSync(inside('01m811bm3qasbpjqw2j2jnckxx.session.archived'), `TITLE ${text}\nFOUNDER ${text}\n`);
    writeFileSync(inside(`${name}.session`), `TITLE ${text}\n`);
    writeFileSync(inside('serve.env'), `DP_${text}=1\nDP_PORT=${text}\n`);
    await requireAllClean(
      t,
      [
        ['template', 'list', folder],
        ['template', 'validate', inside(`${name}.dptxt`)],
        ['rec', 'info', inside(`${name}.dprec`)],
        ['rec', 'info', inside(`${name}.dptxt`)],
        ['rec', 'verify', inside(`${name}.dprec`)],
        ['rec', 'convert', inside(`${name}.dprec`), inside(`${name}.dprec`)],
        ['config', 'check', '--config', inside('dp.conf')],
        ['config', 'list', '--config', inside('dp.conf')],
        ['config', 'get', 'serverTitle', '--config', inside('dp.conf')],
        ['user', 'list', '--database', inside('none')],
        ['archive', 'list', folder],
        ['archive', 'prune', folder, '--max-age', '1d', '--dry-run'],
        ['cert', 'show', inside('cert.pem')],
        ['backup', 'verify', inside('cert.pem')],
        ['backup', 'create', inside('b.tar.gz'), '--sessions', folder, '--force'],
        ['backup', 'verify', inside('b.tar.gz')],
        ['import', '--sessions', folder, '--templates', folder, '--dry-run', '--data', inside('new')],
        ['session', 'repair', name, '--sessions', folder],
        ['session', 'adopt', inside(`${name}.dptxt`), '--sessions', folder],
        ['doctor', '--data', folder, '--only', 'sessions', '--only', 'settings', '--only', 'permissions'],
        ['doctor', '--only', 'settings', '--config', inside('dp.conf')],
      ],
      { DP_DATA: folder, HOME: top, DP_RUNTIME: join(top, 'run') },
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
  });
}
