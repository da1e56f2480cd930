// What `dp init` decides: from how things are and what was answered to what has to change. Asking is in the command,
// writing in set-up-files.ts.

import { refusal } from '../core/errors.js';
import { printable } from '../core/printable.js';
import type { AccountFlag } from '../core/settings/account-flags.js';
import { type SettingName, settingRow } from '../core/settings/settings.js';

export type PresetName = 'private' | 'community' | 'public';

interface Preset {
  title: string;
  listing: Listing;
  settings: Partial<Record<SettingName, string>>;
}

/** For whom a server is, and what follows for limits, guests, persistence, linger and log retention. */
export const presets: Record<PresetName, Preset> = {
  private: {
    title: 'Private – friends only; sessions stay until you end them; never listed',
    listing: 'nowhere',
    settings: {
      sessionCountLimit: '5',
      sessionSizeLimit: '200mb',
      sessionUserLimit: '30',
      allowGuests: 'true',
      allowGuestHosts: 'true',
      persistence: 'true',
      idleTimeLimit: '0',
      emptySessionLingerTime: '1h',
      sessionLessClientLingerTime: '0',
      logpurgedays: '90',
    },
  },
  community: {
    title: 'Community – accounts host, guests may join; sessions may be persistent',
    listing: 'anywhere',
    settings: {
      sessionCountLimit: '25',
      sessionSizeLimit: '150mb',
      sessionUserLimit: '100',
      allowGuests: 'true',
      allowGuestHosts: 'false',
      persistence: 'true',
      idleTimeLimit: '14d',
      emptySessionLingerTime: '30m',
      sessionLessClientLingerTime: '30m',
      logpurgedays: '30',
    },
  },
  public: {
    title: 'Public – everyone may host; sessions end soon after the last user leaves',
    listing: 'anywhere',
    settings: {
      sessionCountLimit: '50',
      sessionSizeLimit: '99mb',
      sessionUserLimit: '50',
      allowGuests: 'true',
      allowGuestHosts: 'true',
      persistence: 'false',
      idleTimeLimit: '1d',
      emptySessionLingerTime: '10m',
      sessionLessClientLingerTime: '10m',
      logpurgedays: '14',
    },
  },
};
export const presetNames = Object.keys(presets) as PresetName[];

/** Where sessions may be announced. */
export type Listing = 'anywhere' | 'drawpile.net' | 'nowhere';
export const listings: Record<Listing, string> = {
  anywhere: 'At any list server',
  'drawpile.net': 'At drawpile.net only',
  nowhere: 'Nowhere',
};
const drawpileListing = '^https://drawpile\\.net/api/listing/';

/** manual.txt, "External authentication"; cli.md §1: the address must be exactly this. */
const drawpileAccounts = {
  url: 'https://drawpile.net/api/ext-auth/',
  key: '9eJ2tMJlqgSqHOIK/GI/qzS14WqIxHeB1Im5Hs/CCCk=',
};

/** An account to add. */
export interface FirstAccount {
  name: string;
  password: string;
  /** Of the admin API and the app, too. */
  isAdministrator: boolean;
}

/** MOD alone does not host where guests may not (config.md §4), and ADMIN has no effect in sessions. */
export function flagsOf({ isAdministrator }: Pick<FirstAccount, 'isAdministrator'>): readonly AccountFlag[] {
  return isAdministrator ? ['MOD', 'HOST', 'ADMIN'] : ['MOD', 'HOST'];
}

/** From an authority; what is left out stays as it is. */
export interface AcmeChoice {
  kind: 'acme';
  names: readonly string[];
  /** '': none. */
  email?: string | undefined;
  directory?: string | undefined;
  /** File with the certificate of a private authority. */
  directoryCa?: string | undefined;
  acceptsTerms?: boolean | undefined;
}

export type TlsChoice =
  | { kind: 'none' }
  | { kind: 'self-signed' }
  | AcmeChoice
  | { kind: 'files'; certificate: string; key: string };

/** How a set-up is now. */
export interface SetUp {
  folder: string;
  exists: boolean;
  /** Texts that hold, defaults included. */
  settings: ReadonlyMap<SettingName, string>;
  /** Of serve.env. */
  start: Readonly<Record<string, string>>;
  listServers: readonly string[];
  accounts: readonly string[];
  moderators: readonly string[];
  administrators: readonly string[];
  hasOwnCertificate: boolean;
  /** Where a certificate that we make goes. */
  certificate: string;
  key: string;
}

/** What was asked for; what is left out stays as it is, or gets the preset's value in a new set-up. */
export interface Choices {
  preset?: PresetName;
  name?: string;
  welcome?: string;
  port?: number;
  /** For everything that uses HTTP; 0: none. */
  webPort?: number;
  /** For browser clients only; 0: none. */
  websocketPort?: number;
  /** Where an authority looks, and which leads to the web port; 0: none. */
  httpPort?: number;
  localHost?: string;
  tls?: TlsChoice;
  /** Texts of certificate and key, for the files that `tls` names. */
  certificateTexts?: { readonly certificate: string; readonly key: string };
  hasDrawpileAccounts?: boolean;
  listing?: Listing;
  account?: FirstAccount;
}

export interface Plan {
  folder: string;
  isNew: boolean;
  settings: ReadonlyMap<SettingName, string>;
  start: ReadonlyMap<string, string | undefined>;
  listServers: readonly string[] | undefined;
  account: FirstAccount | undefined;
  /** Names for the certificate to be made. */
  certificateNames: readonly string[] | undefined;
  /** A certificate with its key that is written where one would be made. */
  certificateTexts: Choices['certificateTexts'];
}

/** Whether the server will use the certificate that `dp init` creates. */
export function willBeSelfSigned(now: SetUp, { tls }: Choices): boolean {
  return tls === undefined ? now.start.DP_SSL_CERT === now.certificate : tls.kind === 'self-signed';
}

export function planSetUp(now: SetUp, choices: Choices, ownName: string): Plan {
  const preset = choices.preset ?? (now.exists ? undefined : 'private');
  const settings = new Map<SettingName, string>();
  const set = (name: SettingName, text: string) => {
    if (sameMeaning(name, now.settings.get(name) ?? '', text)) settings.delete(name);
    else settings.set(name, text);
  };
  if (preset !== undefined) {
    for (const [name, text] of Object.entries(presets[preset].settings)) set(name as SettingName, text);
  }
  if (choices.name !== undefined) set('serverTitle', choices.name);
  if (choices.welcome !== undefined) set('welcomeMessage', choices.welcome);

  const websocketPort = choices.websocketPort ?? Number(now.start.DP_WEBSOCKET_PORT ?? 0);
  const webPort = choices.webPort ?? Number(now.start.DP_WEB_PORT ?? 0);
  if ((websocketPort !== 0 || webPort !== 0) && willBeSelfSigned(now, choices)) {
    throw refusal('websocket-with-self-signed');
  }
  const start = new Map<string, string | undefined>();
  const begin = (name: string, value: string | undefined) => {
    if (now.start[name] === value) start.delete(name);
    else start.set(name, value);
  };
  if (choices.port !== undefined)
    begin('DP_PORT', choices.port === 27_750 ? undefined : String(choices.port));
  if (choices.webPort !== undefined) {
    begin('DP_WEB_PORT', choices.webPort === 0 ? undefined : String(choices.webPort));
  }
  if (choices.websocketPort !== undefined) {
    begin('DP_WEBSOCKET_PORT', choices.websocketPort === 0 ? undefined : String(choices.websocketPort));
  }
  if (choices.localHost !== undefined) begin('DP_LOCAL_HOST', choices.localHost || undefined);
  if (choices.hasDrawpileAccounts !== undefined) {
    set('extauth', String(choices.hasDrawpileAccounts));
    if (choices.hasDrawpileAccounts) set('extauthkey', drawpileAccounts.key);
    begin('DP_EXTAUTH_URL', choices.hasDrawpileAccounts ? drawpileAccounts.url : undefined);
  }
  const certificateNames = planTls(now, choices, ownName, begin);
  if (choices.httpPort !== undefined) {
    begin('DP_HTTP_PORT', choices.httpPort === 0 ? undefined : String(choices.httpPort));
  }

  const listing = choices.listing ?? (preset === undefined ? undefined : presets[preset].listing);
  let listServers: readonly string[] | undefined;
  if (listing !== undefined) {
    set('announceWhitelist', String(listing !== 'anywhere'));
    const wanted = listing === 'drawpile.net' ? [drawpileListing] : listing === 'nowhere' ? [] : undefined;
    if (wanted !== undefined && wanted.join('\n') !== now.listServers.join('\n')) listServers = wanted;
  }
  return {
    folder: now.folder,
    isNew: !now.exists,
    settings,
    start,
    listServers,
    account: choices.account,
    certificateNames,
    certificateTexts: choices.certificateTexts,
  };
}

function planTls(
  now: SetUp,
  { tls, localHost }: Choices,
  ownName: string,
  begin: (name: string, value: string | undefined) => void,
): readonly string[] | undefined {
  if (tls === undefined) return undefined;
  const files =
    tls.kind === 'none' || tls.kind === 'acme'
      ? undefined
      : tls.kind === 'files'
        ? tls
        : { certificate: now.certificate, key: now.key };
  planAcme(now, tls.kind === 'acme' ? tls : undefined, begin);
  begin('DP_SSL_CERT', files?.certificate);
  begin('DP_SSL_KEY', files?.key);
  if (tls.kind !== 'self-signed' || now.hasOwnCertificate) return undefined;
  const name = localHost || now.start.DP_LOCAL_HOST || ownName;
  return [...new Set([name, 'localhost'])];
}

/** Port 80, at which authorities look, unless the operator chose another one or none. */
const usualHttpPort = '80';

function planAcme(
  now: SetUp,
  choice: AcmeChoice | undefined,
  begin: (name: string, value: string | undefined) => void,
): void {
  if (choice === undefined) {
    if (now.start.DP_ACME === undefined) return;
    // They mean nothing without it, and the port was for it.
    for (const name of Object.keys(now.start)) {
      if (/^DP_(?:ACME|HTTP_PORT$|HTTP_LISTEN$)/.test(name)) begin(name, undefined);
    }
    return;
  }
  const { names, email, directory, directoryCa, acceptsTerms } = choice;
  begin('DP_ACME', names.join(','));
  if (now.start.DP_ACME === undefined) begin('DP_HTTP_PORT', now.start.DP_HTTP_PORT ?? usualHttpPort);
  if (email !== undefined) begin('DP_ACME_EMAIL', email || undefined);
  if (directory !== undefined) begin('DP_ACME_DIRECTORY', directory);
  if (directoryCa !== undefined) begin('DP_ACME_DIRECTORY_CA', directoryCa);
  if (acceptsTerms !== undefined) begin('DP_ACME_ACCEPT_TERMS', acceptsTerms ? 'true' : undefined);
}

/** What people in front of a listing setting mean by it. */
export function listingOf({ settings, listServers }: SetUp): Listing {
  if (settings.get('announceWhitelist') !== 'true') return 'anywhere';
  return listServers.length === 0 ? 'nowhere' : 'drawpile.net';
}

export function hasDrawpileAccounts({ settings, start }: SetUp): boolean {
  return settings.get('extauth') === 'true' && start.DP_EXTAUTH_URL === drawpileAccounts.url;
}

export function isEmptyPlan(plan: Plan): boolean {
  return (
    !plan.isNew &&
    plan.settings.size === 0 &&
    plan.start.size === 0 &&
    plan.listServers === undefined &&
    plan.account === undefined &&
    plan.certificateNames === undefined &&
    plan.certificateTexts === undefined
  );
}

/** What will be written, in lines for people. */
export function describePlan(now: SetUp, plan: Plan): string[] {
  const lines: string[] = [];
  if (plan.isNew) lines.push(`folder ${plan.folder} (created if missing)`);
  if (plan.certificateNames !== undefined) {
    lines.push(`certificate ${now.certificate} for ${plan.certificateNames.join(', ')}, key ${now.key}`);
  }
  if (plan.certificateTexts !== undefined) lines.push(`certificate ${now.certificate}, key ${now.key}`);
  for (const [name, text] of plan.settings) {
    const old = now.settings.get(name) ?? '';
    const shown = text === '' ? 'empty' : printable(text);
    lines.push(`setting ${name} = ${shown}${old === '' ? '' : ` (was ${printable(old)})`}`);
  }
  for (const [name, value] of plan.start) {
    const old = now.start[name];
    lines.push(
      `serve.env ${value === undefined ? `without ${name}` : `${name}=${value}`}${old === undefined ? '' : ` (was ${old})`}`,
    );
  }
  if (plan.listServers !== undefined) {
    lines.push(`list servers: ${plan.listServers.length === 0 ? 'none' : plan.listServers.join(' ')}`);
  }
  if (plan.account !== undefined)
    lines.push(`account ${plan.account.name} (${flagsOf(plan.account).join(' ')})`);
  return lines;
}

/** `60` and `1m` are the same time. */
function sameMeaning(name: SettingName, a: string, b: string): boolean {
  const { kind } = settingRow(name);
  const x = kind.parse(a);
  const y = kind.parse(b);
  return a === b || (x !== undefined && x === y);
}
