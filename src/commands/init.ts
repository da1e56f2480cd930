// `dp init`: from nothing, or from a set-up that is there, to a server that is ready to start. Asks, shows what it
// will write, writes.

import { hostname } from 'node:os';
import * as path from 'node:path';
import { BaseCommand } from '../lib/cli/base-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { confirm, obtainPassword } from '../lib/cli/prompts.js';
import {
  enableCommand,
  makeServiceUser,
  reloadSystemd,
  unitFolder,
  writeUnits,
} from '../lib/cli/service-install.js';
import {
  type Choices,
  describePlan,
  isEmptyPlan,
  type Listing,
  listings,
  type Plan,
  planSetUp,
  presetNames,
  type SetUp,
} from '../lib/cli/set-up.js';
import { endText, linksOf, startAfter } from '../lib/cli/set-up-end.js';
import { checkPlan, readSetUp, requireNewAccount, writeSetUp } from '../lib/cli/set-up-files.js';
import { portsNotFree } from '../lib/cli/set-up-ports.js';
import { askSetUp } from '../lib/cli/set-up-questions.js';
import {
  askService,
  isInstalledFor,
  type PlannedService,
  planService,
  requireReplaceable,
} from '../lib/cli/set-up-service.js';
import { decideTls, readTlsFlags } from '../lib/cli/set-up-tls.js';
import { refusal } from '../lib/core/errors.js';
import { readHostName } from '../lib/core/public-names.js';
import { dataFolder } from '../lib/io/system/data-folder.js';
import { shellWord } from '../lib/io/system/user.js';

/** A password is that of an account. */
const forAccount = { type: 'some' as const, flags: ['administrator', 'moderator'] };

export default class Init extends BaseCommand {
  static override summary = 'Set up a server, or change its setup';
  static override description =
    'Asks who will use the server, and for its name, ports, encryption, accounts and announcements; shows what it ' +
    'will write, and writes it. In an existing setup, only what you change is written. With --yes it asks ' +
    'nothing: flags give the answers, and what they leave out stays as it is, or gets the value of a private ' +
    'server.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'From a script',
      command:
        'echo "$PASSWORD" | <%= config.bin %> <%= command.id %> --yes --for community --name "Ink and friends" --tls self-signed --administrator alice --password-stdin',
    },
    {
      description: 'Change one value of an existing setup',
      command: '<%= config.bin %> <%= command.id %> --yes --port 27751',
    },
  ];
  static override flags = {
    data: Flags.string({ helpValue: 'FOLDER', env: 'DP_DATA', summary: 'Data folder' }),
    for: Flags.option({ options: presetNames })({
      summary: 'Who will use the server: sets limits, guest access, persistence and log retention',
    }),
    name: Flags.string({ helpValue: 'TEXT', summary: 'Server title shown at login' }),
    welcome: Flags.string({ helpValue: 'TEXT', summary: 'Chat message sent to everyone who joins' }),
    port: Flags.integer({ min: 1, max: 65_535, helpValue: 'PORT', summary: 'Port for desktop clients' }),
    'web-port': Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
      summary: 'Port for the public page, browsers and the admin API (0: none)',
    }),
    'websocket-port': Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
      summary: 'Port for browser clients only (0: none)',
    }),
    'local-host': Flags.string({
      helpValue: 'NAME',
      summary: 'Host name under which users reach the server',
    }),
    tls: Flags.option({ options: ['acme', 'self-signed', 'files', 'none'] as const })({
      summary: 'Certificate for TLS: from an authority, self-signed, your own files, or none',
    }),
    'ssl-cert': Flags.string({
      helpValue: 'FILE',
      summary: 'Certificate chain (PEM), with --tls files',
      dependsOn: ['ssl-key'],
    }),
    'ssl-key': Flags.string({
      helpValue: 'FILE',
      summary: 'Private key of the certificate (PEM)',
      dependsOn: ['ssl-cert'],
    }),
    acme: Flags.string({
      helpValue: 'NAME[,NAME…]',
      summary:
        'Host names of the certificate from an authority, with --tls acme [default: that of --local-host]',
    }),
    'acme-email': Flags.string({
      helpValue: 'ADDRESS',
      summary: 'E-mail address for the account at the authority',
    }),
    'acme-directory': Flags.string({ helpValue: 'URL', summary: 'ACME directory of the authority' }),
    'acme-directory-ca': Flags.string({
      helpValue: 'FILE',
      summary: 'Certificate to trust when connecting to the authority (PEM), for a private one',
    }),
    'acme-accept-terms': Flags.boolean({ summary: 'Accept the terms of service of the authority' }),
    'http-port': Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
      summary:
        'Port that redirects http to https, and where the authority checks the names [default: 80 with --tls acme] (0: none)',
    }),
    'drawpile-accounts': Flags.boolean({
      allowNo: true,
      summary: 'Allow users to log in with accounts of drawpile.net',
    }),
    listing: Flags.option({ options: Object.keys(listings) as Listing[] })({
      summary: 'Where sessions may be announced',
    }),
    administrator: Flags.string({
      helpValue: 'NAME',
      summary: 'Name of an account to add for the administrator, who is also a moderator',
      exclusive: ['moderator'],
    }),
    moderator: Flags.string({ helpValue: 'NAME', summary: 'Name of a moderator account to add' }),
    'password-stdin': Flags.boolean({
      summary: 'Read the password of the account from standard input',
      relationships: [forAccount],
    }),
    generate: Flags.boolean({
      summary: 'Generate the password of the account and print it',
      relationships: [forAccount],
    }),
    service: Flags.boolean({
      allowNo: true,
      summary: 'Install a systemd service, as dp service install does (needs root)',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not prompt' }),
    'dry-run': Flags.boolean({ char: 'n', summary: 'Show what would be written, write nothing' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Init);
    if (!flags.yes && !flags['dry-run'] && !this.isInteractive) {
      throw refusal('nobody-to-ask');
    }
    const folder =
      flags.data === undefined ? dataFolder({ env: this.terminal.env }) : path.resolve(flags.data);
    const now = await readSetUp(folder);
    const wanted: Choices = {
      ...(flags.for === undefined ? {} : { preset: flags.for }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.welcome === undefined ? {} : { welcome: flags.welcome }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...(flags['web-port'] === undefined ? {} : { webPort: flags['web-port'] }),
      ...(flags['websocket-port'] === undefined ? {} : { websocketPort: flags['websocket-port'] }),
      ...(flags['http-port'] === undefined ? {} : { httpPort: flags['http-port'] }),
      ...(flags['local-host'] === undefined
        ? {}
        : { localHost: flags['local-host'] && readHostName(flags['local-host']) }),
      ...(flags['drawpile-accounts'] === undefined
        ? {}
        : { hasDrawpileAccounts: flags['drawpile-accounts'] }),
      ...(flags.listing === undefined ? {} : { listing: flags.listing }),
    };
    const tls = readTlsFlags(flags);
    const name = flags.administrator ?? flags.moderator;
    if (name !== undefined) {
      requireNewAccount(now, name); // before anybody answers questions for nothing
      wanted.account = { name, password: '', isAdministrator: flags.administrator !== undefined };
    }
    const asksQuestions = !flags.yes && !flags['dry-run'];
    let choices = wanted;
    if (asksQuestions) choices = await askSetUp(this.terminal, now, wanted, tls);
    else {
      const choice = decideTls(tls, now, wanted.localHost);
      if (choice !== undefined) choices.tls = choice;
    }
    let generated: string | undefined;
    if (wanted.account !== undefined && !flags['dry-run']) {
      const source = { fromStdin: flags['password-stdin'], generate: flags.generate };
      const { password, isGenerated } = await obtainPassword(this.terminal, source, wanted.account.name);
      choices.account = { ...wanted.account, password };
      if (isGenerated) generated = password;
    }
    const plan = planSetUp(now, choices, hostname());
    checkPlan(now, plan);
    if (!asksQuestions)
      for (const problem of await portsNotFree(now, startAfter(now, plan))) this.warn(problem);
    const planned = () => planService(this.config, now, startAfter(now, plan));
    let service: PlannedService | undefined;
    if (flags.service) service = requireReplaceable(planned());
    else if (asksQuestions && flags.service === undefined) {
      service = await askService(this.terminal, (text) => this.log(text), planned);
    }
    return this.carryOut(now, plan, {
      generated,
      isDryRun: flags['dry-run'],
      asks: asksQuestions,
      service: service?.state === 'same' ? undefined : service,
      start:
        service !== undefined || isInstalledFor(folder)
          ? enableCommand(service?.units ?? [])
          : startCommand(folder, this.terminal.env),
    });
  }

  private async carryOut(
    now: SetUp,
    plan: Plan,
    how: {
      generated: string | undefined;
      isDryRun: boolean;
      asks: boolean;
      /** To be installed. */
      service: PlannedService | undefined;
      start: string;
    },
  ): Promise<object> {
    const { service, start } = how;
    const units = service?.units.map(({ name }) => path.join(unitFolder('/'), name)) ?? [];
    const lines = [
      ...describePlan(now, plan),
      ...units.map((file) => `service ${file}, user ${service?.user}`),
    ];
    if (lines.length === 0) {
      this.log('Nothing to change.');
      return { folder: now.folder, written: [], start };
    }
    this.log(how.isDryRun ? 'Would write:' : 'Will write:');
    for (const line of lines) this.log(`  ${line}`);
    if (how.isDryRun) return { folder: now.folder, planned: lines, start };
    if (how.asks && !(await confirm(this.terminal, 'Write these changes?', true, true))) {
      this.log('Nothing was written.');
      this.exit(1);
    }
    // from here on Ctrl-C waits: it takes a moment, and half of it is worth nothing
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    try {
      // The user first: the files are for it.
      if (service !== undefined) makeServiceUser(service.user, now.folder);
      if (!isEmptyPlan(plan)) await writeSetUp(now, plan, service?.user);
      if (service !== undefined) {
        writeUnits(unitFolder('/'), service.units, how.asks);
        reloadSystemd();
      }
    } finally {
      process.off('SIGINT', ignore);
    }
    this.log('Done.');
    for (const line of [
      '',
      ...endText(now, plan, { start, isUsual: isUsualFolder(now.folder, this.terminal.env) }),
    ])
      this.log(line);
    if (how.generated !== undefined) this.log(`Password of ${plan.account?.name}: ${how.generated}`);
    return {
      folder: now.folder,
      written: lines,
      start,
      links: linksOf(now, plan),
      ...(how.generated === undefined ? {} : { generated: how.generated }),
    };
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

function isUsualFolder(folder: string, env: Environment): boolean {
  const { DP_DATA: _, ...rest } = env;
  return dataFolder({ env: rest }) === folder;
}

function startCommand(folder: string, env: Environment): string {
  return isUsualFolder(folder, env) ? 'dp serve' : `dp serve --data ${shellWord(folder)}`;
}
