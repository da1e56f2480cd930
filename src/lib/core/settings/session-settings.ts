// TABLE of the settings of a session (sessions.md §9.1), in the order in which the originals apply them: what values
// each has, who may change it, how it is stored, who sees it. To add one: a row. Commands of clients, the journal,
// templates, the admin API, `dp session` and docs/reference/session-settings.md follow. Settings with consequences
// for others (passwords, titles) have a function besides, in core/session/sessionconf.ts.
import { type Reason, reason } from '../errors/reason.js';
import type { AccountFlag } from './account-flags.js';
import { choice, count, flag, name, size, text, type ValueKind } from './session-setting-values.js';
import type { SettingsReader } from './settings.js';

/** Who wants to change a setting, and where. */
export interface Requester {
  /** May do what takes a moderator; administrators may. */
  readonly isModerating: boolean;
  /** Somebody in the session; undefined: an administrator, whom no right limits. */
  readonly by: RequestingMember | undefined;
  readonly settings: SettingsReader;
}

export interface RequestingMember {
  readonly isRegistered: boolean;
  readonly userInfo: { readonly isBrowser: boolean };
  has(flag: AccountFlag): boolean;
}

/** What decides, beside the setting, whether it is shown. */
export interface ShowConditions {
  readonly hasWebSockets: boolean;
  /** The server setting. */
  readonly allowIdleOverride: boolean;
  /** Sessions are stored in files. */
  readonly keepsFiles: boolean;
}

export type Shown = true | keyof ShowConditions;

interface Row<Value> {
  /** For the documentation: completes "NAME:". */
  readonly help: string;
  readonly kind: ValueKind<Value>;
  /** Who may change it; left out: every operator. */
  readonly right?: 'moderator';
  /** Why somebody who may change it cannot set it to this value. */
  readonly refusal?: (value: Value, requester: Requester) => Reason | false;
  /** The value that is set when somebody asks for this one. */
  readonly limit?: (value: Value, requester: Requester, now: Value) => Value;
  /** What the settings of the server make of a value, at any time. */
  readonly required?: (value: Value, settings: SettingsReader) => Value;
  /** Part of what everybody sees of a session before joining. */
  readonly lobby?: Shown;
  /** Part of `sessionconf`, which everybody in the session gets. */
  readonly members?: Shown;
  /** For administrators who look at one session; what the lobby has they see as well. */
  readonly details?: Shown;
  /** A template does not show it: it says something about a session that exists. */
  readonly isOfTemplates?: false;
  /** Not part of the original's REST API. */
  readonly isInRest?: false;
  /** In `dp session show`. */
  readonly label?: string;
}

export interface FlagRow extends Row<boolean> {
  readonly type: 'flag';
  /** Its place in the line FLAGS of the journal: the next number. */
  readonly place: number;
  /** How that line spells it; left out: in lower case. */
  readonly word?: string;
  /** Words for the log. */
  readonly on: string;
  readonly off: string;
  /** Templates do not have it. */
  readonly isInTemplates?: false;
}

interface ValueRow<Value> extends Row<Value> {
  /** Keyword of its line in the journal (formats.md §6.1). */
  readonly word: string;
  /** Until it is set. */
  readonly initial: Value | undefined;
  /** Words for the log. */
  readonly says?: (value: Value) => string;
}

export interface TextRow extends ValueRow<string> {
  readonly type: 'text';
}

/** A text that is stored as its hash. Others see that there is one. */
export interface PasswordRow extends ValueRow<string> {
  readonly type: 'password';
}

export interface NumberRow extends ValueRow<number> {
  readonly type: 'number';
  /** Bounds in the journal. */
  readonly range: readonly [least: number, most: number];
}

export interface ChoiceRow extends ValueRow<boolean | null> {
  readonly type: 'choice';
  /** Which value a damaged journal may set: none that deletes anything. */
  readonly whenDamaged: boolean;
}

export type SessionSettingRow = FlagRow | TextRow | PasswordRow | NumberRow | ChoiceRow;

export const titleUnitsAtMost = 100;
export const usersAtMost = 254;

/** sessions.md §22 */
export function clampUserCount(users: number): number {
  return Math.min(Math.max(users, 2), usersAtMost);
}

/** Web browsers: who may decide about them, sessions.md §9.1. */
function webRefusal(isOn: boolean, { by }: Requester): Reason | false {
  if (by === undefined) return false;
  if (!by.has('WEBSESSION')) return reason('websession-flag-needed');
  return !isOn && by.userInfo.isBrowser && reason('browser-locking-itself-out');
}

const table = {
  authOnly: {
    type: 'flag',
    kind: flag,
    place: 4,
    help: 'only users with an account may join',
    on: 'restricted to registered users',
    off: 'opened to guests',
    refusal: (isOn, { by }) =>
      isOn && by !== undefined && !by.isRegistered && reason('guests-cannot-exclude-guests'),
    lobby: true,
    members: true,
    label: 'registered only',
  },
  persistent: {
    type: 'flag',
    kind: flag,
    place: 0,
    help: 'stays when all users have left',
    on: 'made persistent',
    off: 'made nonpersistent',
    refusal: (_isOn, { isModerating, by, settings }) =>
      !isModerating &&
      !settings.get('persistence') &&
      by?.has('PERSIST') !== true &&
      reason('server-setting-off', { name: 'persistence' }),
    lobby: true,
    members: true,
    isOfTemplates: false,
    label: 'persistent',
  },
  founder: {
    type: 'text',
    kind: name,
    word: 'FOUNDER',
    initial: '',
    help: 'name of the user who founded the session',
    right: 'moderator',
    says: (founder) => `changed founder to '${founder}'`,
    lobby: true,
  },
  title: {
    type: 'text',
    kind: text,
    word: 'TITLE',
    initial: '',
    help: 'title, cut to 100 characters',
    limit: (title) => title.slice(0, titleUnitsAtMost),
    says: (title) => `changed title to '${title}'`,
    lobby: true,
    members: true,
  },
  autotitle: {
    type: 'flag',
    kind: flag,
    place: 7,
    help: 'true: the title is made from the name of the founder; setting a title ends it',
    on: 'switched to automatic title',
    off: '',
    lobby: true,
    members: true,
    isInTemplates: false,
    isOfTemplates: false,
    label: 'automatic title',
  },
  maxUserCount: {
    type: 'number',
    kind: count,
    word: 'MAXUSERS',
    range: [1, usersAtMost],
    initial: usersAtMost,
    help: 'how many users may be in it, 2 to 254; operators cannot exceed sessionUserLimit',
    limit: (users, { isModerating, settings }, now) => {
      const most = isModerating
        ? usersAtMost
        : Math.max(now, clampUserCount(settings.get('sessionUserLimit')));
      return Math.min(clampUserCount(users), most);
    },
    says: (users) => `set the user limit to ${users}`,
    lobby: true,
    members: true,
  },
  resetThreshold: {
    type: 'number',
    kind: size,
    word: 'AUTORESET',
    range: [0, Number.MAX_SAFE_INTEGER],
    initial: undefined,
    help: 'size of the history from which clients are asked to shorten it; 0: never',
    required: (bytes, settings) =>
      bytes === 0 ? 0 : Math.max(bytes, settings.get('minimumAutoResetThreshold')),
    says: (bytes) => `set the autoreset threshold to ${bytes} bytes`,
    members: true,
    details: true,
  },
  allowWeb: {
    type: 'flag',
    kind: flag,
    place: 6,
    help: 'users may join from web browsers',
    on: 'allowed web browsers',
    off: 'disallowed web browsers',
    refusal: webRefusal,
    lobby: 'hasWebSockets',
    members: 'hasWebSockets',
    label: 'web browsers',
  },
  password: {
    type: 'password',
    kind: text,
    word: 'PASSWORD',
    initial: '',
    help: 'password for joining; empty: none',
    says: (password) => (password === '' ? 'removed the password' : 'set a password'),
  },
  opword: {
    type: 'password',
    kind: text,
    word: 'OPWORD',
    initial: '',
    help: 'password for becoming an operator; empty: none',
    says: (password) => (password === '' ? 'removed the operator password' : 'set an operator password'),
  },
  preserveChat: {
    type: 'flag',
    kind: flag,
    place: 1,
    word: 'preserveChat',
    help: 'clients show earlier chat to those who join',
    on: 'preserve chat',
    off: "don't preserve chat",
    members: true,
    details: true,
    isInRest: false,
    label: 'chat preserved',
  },
  nsfm: {
    type: 'flag',
    kind: flag,
    place: 2,
    help: 'not suitable for minors',
    on: 'tagged NSFM',
    off: 'removed NSFM tag',
    refusal: (isOn, { settings }) =>
      !isOn && settings.get('forceNsfm') && reason('server-setting-on', { name: 'forceNsfm' }),
    required: (isOn, settings) => isOn || settings.get('forceNsfm'),
    lobby: true,
    members: true,
    label: 'nsfm',
  },
  deputies: {
    type: 'flag',
    kind: flag,
    place: 3,
    help: 'trusted users may kick others who are not trusted',
    on: 'enabled deputies',
    off: 'disabled deputies',
    members: true,
    details: true,
    label: 'deputies',
  },
  idleOverride: {
    type: 'flag',
    kind: flag,
    place: 5,
    help: 'does not end when it is idle',
    on: 'exempted from the idle limit',
    off: 'subject to the idle limit again',
    right: 'moderator',
    refusal: (_isOn, { settings }) =>
      !settings.get('allowIdleOverride') && reason('server-setting-off', { name: 'allowIdleOverride' }),
    required: (isOn, settings) => isOn && settings.get('allowIdleOverride'),
    lobby: 'allowIdleOverride',
    members: true,
    isOfTemplates: false,
    label: 'idle override',
  },
  invites: {
    type: 'flag',
    kind: flag,
    place: 8,
    help: 'operators may create invites',
    on: 'enabled invites',
    off: 'disabled invites',
    right: 'moderator',
    lobby: true,
    members: true,
    label: 'invites',
  },
  unlisted: {
    type: 'flag',
    kind: flag,
    place: 9,
    help: 'hidden from the list of sessions and from list servers',
    on: 'made unlisted',
    off: 'made listed',
    right: 'moderator',
    lobby: true,
    label: 'unlisted',
  },
  archive: {
    type: 'choice',
    kind: choice,
    word: 'ARCHIVE',
    initial: null,
    whenDamaged: true,
    help: 'whether its files are kept at its end; default: as the server setting archive',
    right: 'moderator',
    says: (isKept) =>
      isKept === null
        ? 'reset archiving to the server default'
        : isKept
          ? 'enabled archiving'
          : 'disabled archiving',
    details: 'keepsFiles',
    label: 'archived at end',
  },
  overrideSize: {
    type: 'number',
    kind: size,
    word: 'LIMIT',
    range: [0, 0x7fffffff],
    initial: 0,
    help: 'largest size of the history instead of sessionSizeLimit; 0: as the server setting',
    right: 'moderator',
    says: (bytes) => (bytes === 0 ? 'removed the size override' : `set the size override to ${bytes} bytes`),
    details: true,
  },
} as const satisfies Record<string, SessionSettingRow>;

type Table = typeof table;
export type SettingKey = keyof Table;

type Keys<Part> = { [Key in SettingKey]: Table[Key] extends Part ? Key : never }[SettingKey];

/** A flag of a session; they share a line of the journal. */
export type SessionFlag = Keys<{ type: 'flag' }>;
export type PasswordKey = Keys<{ type: 'password' }>;
/** Settings with a separate line in the journal. */
export type ValueKey = Exclude<SettingKey, SessionFlag>;
/** Settings whose value the server knows: all but the passwords. */
export type OptionKey = Exclude<SettingKey, PasswordKey>;
/** Flags that the header of a template may set (formats.md §7). */
export type TemplateFlag = Exclude<SessionFlag, Keys<{ isInTemplates: false }>>;

export type SettingValue<Key extends SettingKey> =
  Table[Key]['kind'] extends ValueKind<infer Value> ? Value : never;
/** Values that have been read, by key. */
export type SettingValues = { [Key in SettingKey]?: SettingValue<Key> };
/** What a session has set. */
export type SessionOptions = { [Key in OptionKey]: SettingValue<Key> };
/** As the journal has them, passwords in their stored form; undefined: never set. */
export type StoredValues = {
  [Key in ValueKey]: SettingValue<Key> | (undefined extends Table[Key]['initial'] ? undefined : never);
};

export type ShowPlace = 'lobby' | 'members' | 'details';
/** Settings that are shown somewhere: always, or under a condition. */
export type AlwaysShown<Place extends ShowPlace> = Keys<{ [Each in Place]: true }> & OptionKey;
export type SometimesShown<Place extends ShowPlace> = Keys<{ [Each in Place]: keyof ShowConditions }> &
  OptionKey;
export type ShownValues<Place extends ShowPlace> = Pick<SessionOptions, AlwaysShown<Place>> &
  Partial<Pick<SessionOptions, SometimesShown<Place>>>;

/** A row, for code that handles all settings alike: a value is what the row's kind has read. */
export type AnyRow = Row<unknown> &
  (Pick<FlagRow, 'type' | 'on' | 'off'> | (Pick<ValueRow<unknown>, 'says'> & { readonly type: ValueType }));
type ValueType = Exclude<SessionSettingRow['type'], 'flag'>;

export function anyRow(key: SettingKey): AnyRow {
  const row: SessionSettingRow = table[key];
  return row as unknown as AnyRow;
}

/** Why somebody may not set this value; false: they may. */
export function refusalOf(key: SettingKey, value: unknown, requester: Requester): Reason | false {
  const { right, refusal } = anyRow(key);
  if (right === 'moderator' && !requester.isModerating) return reason('setting-of-moderators');
  return refusal?.(value, requester) ?? false;
}

export const sessionSettings: { readonly [Key in SettingKey]: SessionSettingRow } = table;

export const settingKeys = Object.keys(table) as SettingKey[];

function keysOf<Key extends SettingKey>(isOne: (row: SessionSettingRow) => boolean): readonly Key[] {
  return settingKeys.filter((key): key is Key => isOne(sessionSettings[key]));
}

/** In the order in which the journal lists them. */
export const sessionFlags: readonly SessionFlag[] = [
  ...keysOf<SessionFlag>(({ type }) => type === 'flag'),
].sort((a, b) => table[a].place - table[b].place);
export const templateFlags = sessionFlags.filter(
  (key): key is TemplateFlag => (table[key] as SessionSettingRow & FlagRow).isInTemplates !== false,
);
export const passwordKeys = keysOf<PasswordKey>(({ type }) => type === 'password');
export const valueKeys = keysOf<ValueKey>(({ type }) => type !== 'flag');
export const optionKeys = keysOf<OptionKey>(({ type }) => type !== 'password');

/** As the journal spells it. */
export function flagWord(key: SessionFlag): string {
  const row: FlagRow = table[key];
  return row.word ?? key.toLowerCase();
}

export function valueRow(key: ValueKey): Exclude<SessionSettingRow, FlagRow> {
  const row: SessionSettingRow = table[key];
  return row as Exclude<SessionSettingRow, FlagRow>;
}

/** Nothing is set. */
export function initialValues(): StoredValues {
  return Object.fromEntries(valueKeys.map((key) => [key, valueRow(key).initial])) as StoredValues;
}

/** What a template shows in the list of sessions. */
export type TemplateValues = Omit<ShownValues<'lobby'>, Keys<{ isOfTemplates: false }>>;

/** What decides in one place. */
export type SometimesCondition<Place extends ShowPlace> = Extract<
  {
    [Key in SettingKey]: Table[Key] extends { [Each in Place]: infer Condition } ? Condition : never;
  }[SettingKey],
  keyof ShowConditions
>;

/** Keys that are shown in a place, always or under a condition. */
export function shownKeys(place: ShowPlace, when: 'always' | 'sometimes'): readonly OptionKey[] {
  return optionKeys.filter((key) => {
    const shown = sessionSettings[key][place];
    return when === 'always' ? shown === true : typeof shown === 'string';
  });
}
