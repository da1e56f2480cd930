// TABLE of the flags of accounts that servers act upon (config.md §4, login.md §6): what each lets its owner do, its
// option of `dp user add`, and what else decides about it. To add one: a row, and where it is asked for.
import type { SettingName } from './settings.js';

interface AccountFlagRow {
  help: string;
  /** `--host`, `--no-host`. */
  option: string;
  /** Settings that must all be on for it to count in a login from the external login server; none: it always counts. */
  external: readonly SettingName[];
  /** The setting with which everybody has it. */
  everyone?: SettingName;
}

const table = {
  MOD: {
    help: 'moderator, can enter every session and is operator there',
    option: 'mod',
    external: ['extauthmod'],
  },
  ADMIN: {
    help: 'administrator of the admin API and web interface; has no effect in sessions',
    option: 'admin',
    external: [],
  },
  HOST: {
    help: 'may host sessions when guests may not',
    option: 'host',
    external: ['extauthhost'],
    everyone: 'allowGuestHosts',
  },
  BANEXEMPT: {
    help: 'can connect from a banned address',
    option: 'ban-exempt',
    external: ['extauthbanexempt'],
  },
  GHOST: {
    help: 'as a moderator, may join invisibly if enableGhosts is set',
    option: 'ghost',
    external: ['extauthghosts', 'enableGhosts'],
  },
  TRUSTED: { help: 'is trusted in every session', option: 'trusted', external: [] },
  WEB: {
    help: 'may join from a browser when guests may not',
    option: 'web',
    external: ['extauthweb'],
    everyone: 'allowGuestWeb',
  },
  WEBHOST: {
    help: 'may host from a browser when guests may not',
    option: 'web-host',
    external: ['extauthwebhost'],
    everyone: 'allowGuestWebHosts',
  },
  WEBSESSION: {
    help: 'may open sessions to browsers when guests may not',
    option: 'web-session',
    external: ['extauthwebsession'],
    everyone: 'allowGuestWebSession',
  },
  PERSIST: {
    help: 'may make sessions persistent',
    option: 'persist',
    external: ['extauthpersist'],
  },
} as const satisfies Record<string, AccountFlagRow>;

export type AccountFlag = keyof typeof table;

export const accountFlags: Readonly<Record<AccountFlag, AccountFlagRow>> = table;

export const accountFlagNames = Object.keys(table) as AccountFlag[];

export function isAccountFlag(name: string): name is AccountFlag {
  return Object.hasOwn(accountFlags, name);
}
