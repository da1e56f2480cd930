// Combines the external services of a running server: list servers, external login, abuse reports, the external ban
// list. They share one HTTP client, which starts when the server listens and stops after its sessions have ended.

import type { ExternalLogin } from '../core/login/needs.js';
import type { AbuseReports, Clock, Listings, Log } from '../core/session/needs.js';
import type { SettingsReader } from '../core/settings/settings.js';
import { HttpAbuseReports } from '../io/outside/abuse-report.js';
import { type ExternalBanOptions, ExternalBans } from '../io/outside/ban-list.js';
import { HttpExternalLogin } from '../io/outside/external-login.js';
import { HttpClient } from '../io/outside/http-client.js';
import { HttpListings } from '../io/outside/listing.js';
import { systemClock } from '../io/system/clock.js';
import { version } from '../io/system/version.js';

export interface ExternalServiceOptions {
  settings: SettingsReader;
  log: Log;
  clock?: Clock;
  /** `--local-host` */
  localHost?: string | undefined;
  /** `--announce-port`; 0 and undefined: the one that is listened on. */
  announcePort?: number | undefined;
  /** `--extauth` */
  extauth?: string | undefined;
  /** `--report-url` */
  reportUrl?: string | undefined;
  hasWebSockets?: boolean;
  /** The whitelist of list servers, when it is on. */
  isListServerAllowed?: (url: string) => boolean;
  /** List servers that the operator wrote down exactly; they may be in a private network. */
  isListServerOperators?: (url: string) => boolean;
  /** Keeps the external ban list over a restart; nothing is kept without. */
  saveBanCache?: ExternalBanOptions['saveCache'];
  /** Entries of the external ban list that are switched off; in memory without. */
  disabledExternalBans?: ExternalBanOptions['disabled'];
}

export interface ExternalServices {
  readonly listings: Listings;
  readonly reports: AbuseReports;
  readonly externalLogin: ExternalLogin;
  readonly externalBans: ExternalBans;
  /** After the server has begun to listen. */
  start(listening: { port: number }): void;
  /** After all sessions have ended; a few seconds at most. */
  stop(): Promise<void>;
}

export function makeExternalServices(options: ExternalServiceOptions): ExternalServices {
  const { settings, log, clock = systemClock } = options;
  const client = new HttpClient({ clock, mayUsePrivate: () => settings.get('announceAllowPrivate') });
  const shared = { client, clock, log, settings, version };
  let listeningPort = 0;
  const listings = new HttpListings({
    ...shared,
    host: () => options.localHost ?? '',
    port: () => options.announcePort || listeningPort,
    prefersWebSockets: () => (options.hasWebSockets ?? false) && settings.get('preferWebSockets'),
    hidesUserNames: () => settings.get('privateUserList'),
    isAllowed: options.isListServerAllowed ?? (() => true),
    isOperators: options.isListServerOperators ?? (() => false),
  });
  const reports = new HttpAbuseReports({ ...shared, url: options.reportUrl });
  const externalLogin = new HttpExternalLogin({ ...shared, url: options.extauth });
  const externalBans = new ExternalBans({
    ...shared,
    saveCache: options.saveBanCache ?? (() => {}),
    disabled: options.disabledExternalBans ?? disabledInMemory(),
  });
  return {
    listings,
    reports,
    externalLogin,
    externalBans,
    start({ port }) {
      listeningPort = port;
      listings.start();
      externalBans.start();
    },
    async stop() {
      externalBans.stop();
      reports.close();
      await listings.close();
      client.close();
    },
  };
}

function disabledInMemory(): ExternalBanOptions['disabled'] {
  const ids = new Set<number>();
  return {
    isDisabled: (id) => ids.has(id),
    async setDisabled(id, isDisabled) {
      if (isDisabled) ids.add(id);
      else ids.delete(id);
    },
  };
}
