// `dp init`: from nothing, or from a set-up that is there, to a server that is ready to start. Asks, shows what it
// will write, writes.

import { hostname } from 'node:os';
import * as path from 'node:path';
import { BaseCommand } from '../lib/cli/base-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { confirm, obtainPassword } from '../lib/cli/prompts.js';
import {
  describePlan,
  isEmptyPlan,
  type Listing,
  listings,
  type Plan,
  planSetUp,
  presetNames,
  type SetUp,
  type TlsChoice,
  type Wishes,
} from '../lib/cli/set-up.js';
import { checkPlan, readSetUp, writeSetUp } from '../lib/cli/set-up-files.js';
import { askSetUp, readNames } from '../lib/cli/set-up-questions.js';
import { refusal } from '../lib/core/errors.js';
import { dataFolder } from '../lib/io/system/data-folder.js';

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
        'echo "$PASSWORD" | <%= config.bin %> <%= command.id %> --yes --for community --name "Ink and friends" --tls self-signed --moderator alice --password-stdin',
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
    'acme-accept-terms': Flags.boolean({ summary: 'Accept the terms of service of the authority' }),
    'http-port': Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
      summary: 'Port at which the authority checks the names, with --tls acme [default: 80] (0: none)',
    }),
    'drawpile-accounts': Flags.boolean({
      allowNo: true,
      summary: 'Allow users to log in with accounts of drawpile.net',
    }),
    listing: Flags.option({ options: Object.keys(listings) as Listing[] })({
      summary: 'Where sessions may be announced',
    }),
    moderator: Flags.string({ helpValue: 'NAME', summary: 'Name of a moderator account to add' }),
    'password-stdin': Flags.boolean({
      summary: "Read the moderator's password from standard input",
      dependsOn: ['moderator'],
    }),
    generate: Flags.boolean({
      summary: "Generate the moderator's password and print it",
      dependsOn: ['moderator'],
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
    const wanted: Wishes = {
      ...(flags.for === undefined ? {} : { preset: flags.for }),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.welcome === undefined ? {} : { welcome: flags.welcome }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...(flags['web-port'] === undefined ? {} : { webPort: flags['web-port'] }),
      ...(flags['websocket-port'] === undefined ? {} : { websocketPort: flags['websocket-port'] }),
      ...(flags['local-host'] === undefined ? {} : { localHost: flags['local-host'] }),
      ...(flags['drawpile-accounts'] === undefined
        ? {}
        : { hasDrawpileAccounts: flags['drawpile-accounts'] }),
      ...(flags.listing === undefined ? {} : { listing: flags.listing }),
      ...(acmeWish(flags, now) ??
        tlsWish(flags.tls === 'acme' ? undefined : flags.tls, flags['ssl-cert'], flags['ssl-key'])),
    };
    const asksQuestions = !flags.yes && !flags['dry-run'];
    const wishes = asksQuestions ? await askSetUp(this.terminal, now, wanted) : wanted;
    const name = flags.moderator ?? wishes.moderator?.name;
    let generated: string | undefined;
    if (name !== undefined && wishes.moderator?.password === undefined && !flags['dry-run']) {
      const source = { fromStdin: flags['password-stdin'], generate: flags.generate };
      const { password, isGenerated } = await obtainPassword(this.terminal, source, name);
      wishes.moderator = { name, password };
      if (isGenerated) generated = password;
    }
    const plan = planSetUp(now, wishes, hostname());
    checkPlan(now, plan);
    return this.carryOut(now, plan, { generated, isDryRun: flags['dry-run'], asks: asksQuestions });
  }

  private async carryOut(
    now: SetUp,
    plan: Plan,
    how: { generated: string | undefined; isDryRun: boolean; asks: boolean },
  ): Promise<object> {
    const lines = describePlan(now, plan);
    const start = startCommand(now.folder, this.terminal.env);
    if (isEmptyPlan(plan)) {
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
      await writeSetUp(now, plan);
    } finally {
      process.off('SIGINT', ignore);
    }
    this.log(`Done. Start the server with: ${start}`);
    if (how.generated !== undefined) this.log(`Password of ${plan.moderator?.name}: ${how.generated}`);
    return {
      folder: now.folder,
      written: lines,
      start,
      ...(how.generated === undefined ? {} : { generated: how.generated }),
    };
  }
}

interface AcmeFlags {
  tls?: string | undefined;
  acme?: string | undefined;
  'local-host'?: string | undefined;
  'ssl-cert'?: string | undefined;
  'acme-email'?: string | undefined;
  'acme-directory'?: string | undefined;
  'acme-accept-terms'?: boolean | undefined;
  'http-port'?: number | undefined;
}

/** Undefined: nothing is said of an authority. */
function acmeWish(flags: AcmeFlags, now: SetUp): { tls: TlsChoice } | undefined {
  const {
    acme,
    'acme-email': email,
    'acme-directory': directory,
    'acme-accept-terms': acceptsTerms,
    'http-port': httpPort,
  } = flags;
  const isMeant = [acme, email, directory, acceptsTerms, httpPort].some((value) => value !== undefined);
  const kind = flags.tls ?? (isMeant ? 'acme' : undefined);
  if (kind !== 'acme') {
    if (!isMeant) return undefined;
    throw refusal('options-exclusive', { one: `--tls ${kind}`, other: '--acme' });
  }
  if (flags['ssl-cert'] !== undefined) throw refusal('tls-with-files', { tls: 'acme' });
  const names = readNames(acme ?? now.start.DP_ACME ?? flags['local-host'] ?? now.start.DP_LOCAL_HOST ?? '');
  return { tls: { kind, names, email, directory, acceptsTerms, httpPort } };
}

function tlsWish(
  kind: Exclude<TlsChoice['kind'], 'acme'> | undefined,
  certificate: string | undefined,
  key: string | undefined,
): { tls?: TlsChoice } {
  if (certificate !== undefined && key !== undefined) {
    if (kind !== undefined && kind !== 'files') {
      throw refusal('tls-with-files', { tls: String(kind) });
    }
    return { tls: { kind: 'files', certificate: path.resolve(certificate), key: path.resolve(key) } };
  }
  if (kind === undefined) return {};
  if (kind === 'files') {
    throw refusal('tls-without-files');
  }
  return { tls: { kind } };
}

function startCommand(folder: string, env: Readonly<Record<string, string | undefined>>): string {
  const { DP_DATA: _, ...rest } = env;
  return dataFolder({ env: rest }) === folder ? 'dp serve' : `dp serve --data ${folder}`;
}
