// dp doctor: looks at everything that a server needs, and says what to type where something is wrong.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { BaseCommand } from '../lib/cli/base-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { startupFlags } from '../lib/cli/startup-flags.js';
import { styled } from '../lib/cli/terminal.js';
import { Fault, Refusal } from '../lib/core/errors.js';
import { printable } from '../lib/core/printable.js';
import { LayeredSettings, readSettingVariables, readStoredSettings } from '../lib/core/settings/layers.js';
import {
  readStartup,
  type StartupName,
  type StartupValues,
  startupNames,
} from '../lib/core/settings/startup.js';
import type { VariableProblem } from '../lib/core/settings/variable-text.js';
import { dataFiles, dataFolder } from '../lib/io/system/data-folder.js';
import { startEnvironment } from '../lib/io/system/start-file.js';
import type { Finding } from '../lib/server/doctor/catalogue.js';
import { examine, subjects } from '../lib/server/doctor/doctor.js';
import type { Examined } from '../lib/server/doctor/findings.js';

const marks = { ok: 'ok      ', note: 'note    ', problem: 'problem ' } as const;
const colors = { ok: 'green', note: 'yellow', problem: 'red' } as const;

export default class Doctor extends BaseCommand {
  static override summary = 'Check everything that a server needs';
  static override description =
    'Takes the flags of dp serve and checks what that command would use; nothing is changed. A note is worth ' +
    'knowing; a problem needs to be fixed and makes the exit status 7. The server may be running or stopped.';
  static override examples = [
    { description: 'Check what dp serve would use', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Check a public server',
      command:
        '<%= config.bin %> <%= command.id %> --local-host draw.example.org --ssl-cert cert.pem --ssl-key key.pem',
    },
  ];
  static override flags = {
    ...startupFlags(startupNames),
    only: Flags.string({
      multiple: true,
      options: [...subjects],
      helpValue: 'SUBJECT',
      description: `Check only this: ${subjects.join(', ')}`,
    }),
  };

  async run() {
    const { flags } = await this.parse(Doctor);
    const given = flags as Partial<Record<StartupName, string | boolean | string[]>> & { only?: string[] };
    const named = Object.fromEntries(
      startupNames.flatMap((name) => {
        const value = given[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const { env } = this.terminal;
    const { environment, problems: startProblems } = startOrProblem(named, env);
    const { values } = readStartup(named, environment);
    const examined = await this.#examined(values, environment, startProblems);
    const findings = await examine(examined, given.only ?? subjects);
    for (const finding of findings) this.#print(finding);
    const problems = findings.filter(({ level }) => level === 'problem').length;
    const notes = findings.filter(({ level }) => level === 'note').length;
    const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
    this.log(
      problems === 0
        ? `No problems (${count(notes, 'note')}).`
        : `${count(problems, 'problem')}, ${count(notes, 'note')}.`,
    );
    if (problems > 0) this.endWith('problems');
    return { findings, problems, notes };
  }

  #print({ subject, level, text, fix }: Finding): void {
    const mark = styled(this.terminal, colors[level], marks[level]);
    this.logText(`${mark}${subject.padEnd(12)}${printable(text)}`);
    if (fix !== undefined) this.log(`${' '.repeat(20)}${printable(fix)}`);
  }

  async #examined(
    startup: StartupValues,
    environment: Readonly<Record<string, string | undefined>>,
    startProblems: readonly VariableProblem[],
  ): Promise<Examined> {
    const { env } = this.terminal;
    const folder = path.resolve(startup.data ?? dataFolder({ env }));
    const files = dataFiles(folder);
    const keeps = !startup.ephemeral;
    const isNamed =
      startup.config !== undefined || startup.database !== undefined || startup.sessions !== undefined;
    const isDefault = keeps && !isNamed;
    const database = startup.database ?? (isDefault ? files.database : undefined);
    const place =
      startup.config !== undefined
        ? { config: startup.config }
        : database !== undefined && (startup.database !== undefined || fs.existsSync(database))
          ? { database }
          : undefined;
    const stored = place === undefined ? nothingStored : await readStored(place).catch(unreadable(place));
    const settings = new LayeredSettings(stored.store, {
      environment: readSettingVariables(environment).texts,
      flags: new Map(),
    });
    settings.replaceStored(readStoredSettings(stored.settings).texts);
    return {
      ...stored,
      settings,
      startup,
      startProblems: [...startProblems, ...settingProblems(environment)],
      database: place !== undefined && 'database' in place ? place.database : undefined,
      sessions: startup.sessions ?? (isDefault ? files.sessions : undefined),
      dataFolder: folder,
      now: this.terminal.now(),
    };
  }
}

type Stored = Pick<Examined, 'store' | 'accounts' | 'listServers' | 'listServerCount' | 'storedProblems'> & {
  settings: ReadonlyMap<string, string>;
};

const nothingStored: Stored = {
  store: 'memory',
  accounts: [],
  listServers: [],
  listServerCount: 0,
  storedProblems: [],
  settings: new Map(),
};

/** Data that cannot be read are what is wrong, rather than the end of looking. */
function unreadable(place: { config: string } | { database: string }): (error: unknown) => Stored {
  return (error) => {
    if (!(error instanceof Refusal || error instanceof Fault)) throw error;
    const { message, hint } = error;
    const store = 'config' in place ? 'file' : 'database';
    return {
      ...nothingStored,
      store,
      storedProblems: [hint === undefined ? { message } : { message, hint }],
    };
  };
}

/** A start file that cannot be read is what is wrong, too. */
function startOrProblem(
  ...[flags, env]: Parameters<typeof startEnvironment>
): ReturnType<typeof startEnvironment> {
  try {
    return startEnvironment(flags, env);
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Fault)) throw error;
    const { message, hint } = error;
    return { environment: { ...env }, problems: [hint === undefined ? { message } : { message, hint }] };
  }
}

/** Variables with values that no server would start with. */
function settingProblems(environment: Readonly<Record<string, string | undefined>>): VariableProblem[] {
  return readSettingVariables(environment).problems.map(({ subject, message, hint }) => ({
    message: `${subject}: ${message}`,
    ...(hint !== undefined && { hint }),
  }));
}

async function readStored(place: { config: string } | { database: string }): Promise<Stored> {
  const { openStores } = await import('../lib/server/stores.js');
  const stores = await openStores(place);
  try {
    const listServers = await stores.listServers.all();
    return {
      store: stores.kind,
      accounts: (await stores.accounts.all()).filter(({ isLocked }) => !isLocked),
      listServers: stores.listServers.entries === 'urls' ? listServers : listServers.flatMap(plainAddress),
      listServerCount: listServers.length,
      storedProblems: (await stores.problems?.()) ?? [],
      settings: await stores.settings.all(),
    };
  } finally {
    stores.close();
  }
}

/** The one address that a pattern such as `^https://list\.example/api$` stands for; nothing for real patterns. */
function plainAddress(pattern: string): string[] {
  const text = pattern
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replace(/\\([.?/+-])/g, '$1');
  return /^https?:\/\/[\w./:?=&%~-]+$/.test(text) && !/[*+^$()[\]{}|\\]/.test(text) ? [text] : [];
}
