// Replays the recorded conversations about accounts and bans with all of it kept in a settings file, and in a database.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Accounts } from '../../src/lib/core/login/needs.js';
import { openConfiguration } from '../../src/lib/server/configuration.js';
import { quickPasswords } from '../helpers/quick-passwords.js';
import Database from '../helpers/sqlite.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { replayScenario } from './run.js';
import { loginScenarios, type Scenario } from './scenarios.js';

const passwords = quickPasswords();

/** The stored form differs from account to account, so that several are met. */
const forms = ['plain', 'argon2id', 'pbkdf2'] as const;

async function storedPassword(password: string | null, at: number): Promise<string> {
  if (password === null) return '';
  const form = forms[at % forms.length]!;
  return form === 'plain' ? `plain;${password}` : passwords.hash(password, form);
}

async function writeFile(file: string, scenario: Scenario): Promise<void> {
  const users = await Promise.all(
    scenario.accounts.map(async ({ name, password, flags, locked }, at) => {
      const stored = await storedPassword(password, at);
      return `${name}:${locked ? '*' : ''}${stored}:${flags.join(',')}`;
    }),
  );
  const lines = [
    '[config]',
    ...Object.entries(scenario.settings).map(([name, text]) => `${name} = ${text}`),
    '[users]',
    ...users,
    '[ipbans]',
    ...scenario.addressBans,
    '[systembans]',
    ...scenario.systemBans.map(({ sid, reaction }) => `${sid}:${reaction}`),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** By hand, as with `sqlite3`. */
async function writeDatabase(file: string, scenario: Scenario): Promise<void> {
  await (await openConfiguration({ database: file })).stop();
  const database = new Database(file);
  for (const [name, text] of Object.entries(scenario.settings)) {
    database.prepare('INSERT INTO settings VALUES (?, ?)').run(name, text);
  }
  for (const [at, { name, password, flags, locked }] of scenario.accounts.entries()) {
    const stored = await storedPassword(password, at);
    database
      .prepare('INSERT INTO users VALUES (?, ?, ?, ?)')
      .run(name, stored, locked ? 1 : 0, flags.join(','));
  }
  for (const ban of scenario.addressBans) {
    const [address, bits] = ban.split('/');
    database
      .prepare("INSERT INTO ipbans VALUES (?, ?, '2999-01-01 00:00:00', '', '')")
      .run(address, Number(bits ?? 0));
  }
  for (const { sid, reaction } of scenario.systemBans) {
    database
      .prepare(
        "INSERT INTO systembans (sid, reaction, expires, added) VALUES (?, ?, '2999-01-01 00:00:00', '2026-01-01 00:00:00')",
      )
      .run(sid, reaction);
  }
  database.close();
}

const kept = test.macro({
  async exec(t: ExecutionContext, scenario: Scenario, kind: 'config' | 'database') {
    const file = path.join(tempFolder(t), kind);
    await (kind === 'config' ? writeFile : writeDatabase)(file, scenario);
    const configuration = await openConfiguration({ [kind]: file });
    t.teardown(() => configuration.stop());
    const { settings, bans, names } = configuration;
    // The recordings were made with files, where an account is known by its name and not by its row.
    const accounts: Accounts = {
      get hasAny() {
        return configuration.accounts.hasAny;
      },
      find(name) {
        const account = configuration.accounts.find(name);
        return account && { ...account, authId: `internal:${account.name}` };
      },
    };
    await replayScenario(t, scenario, { settings, accounts, bans, nameRules: names });
  },
  title: (_, scenario, kind) => `${scenario.file} with a ${kind === 'config' ? 'settings file' : 'database'}`,
});

for (const scenario of loginScenarios) {
  if (!scenario.needs.includes('part4')) continue;
  test(kept, scenario, 'config');
  test(kept, scenario, 'database');
}
