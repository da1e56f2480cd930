// TABLE of what can be changed about a session, by operators, moderators and administrators (sessions.md §9.1).
// To add a key: one row here, and one in setting-values.ts, which says what its values are. A row answers with words
// for the log, `undefined` when the setting has that value already, or why the server does not allow it.
import type { JsonObject } from '../protocol/command.js';
import type { SettingsReader } from '../settings/settings.js';
import { type Actor, isModerating, memberOf } from './actor.js';
import { type ChangeFacts, difference, hiddenValue } from './change.js';
import type { Configuration } from './configuration.js';
import type { Deeds, Refused } from './deeds.js';
import type { Member, Present } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { ListedSession, Listings, NameRules } from './needs.js';
import { replies } from './replies.js';
import type { JournalEntry, SessionFlag } from './saved.js';
import type { Notes } from './session-notes.js';
import { clampUserCount, flagsOf, titleUnitsAtMost } from './session-options.js';
import type { SessionPassword } from './session-password.js';
import {
  flag,
  readSettings,
  type SettingKey,
  type SettingValue,
  type SettingValues,
} from './setting-values.js';
import { texts } from './texts.js';

export interface ChangeSession extends Notes, Deeds {
  readonly needs: {
    readonly settings: SettingsReader;
    readonly nameRules: NameRules;
    readonly listings: Pick<Listings, 'unlist'>;
    readonly hasWebSockets: boolean;
  };
  readonly isEnded: boolean;
  readonly config: Pick<
    Configuration,
    'founder' | 'options' | 'raiseThreshold' | 'setFounder' | 'store' | 'sendServerSettings' | 'writeFlags'
  >;
  readonly password: SessionPassword;
  readonly opword: SessionPassword;
  readonly people: Pick<Present, 'members'>;
  readonly flow: Pick<MessageFlow, 'sendToAll'>;
  readonly listings: ListedSession;
  settleDoubts(): boolean;
  write(entry: JournalEntry): void;
  changed(): void;
}

interface Change {
  session: ChangeSession;
  actor: Actor;
  /** Who of the session asks; undefined: an administrator, who may do everything. */
  by: Member | undefined;
  /** All that is asked for at once. */
  wishes: SettingValues;
  /** Passwords to set, which takes a while. */
  passwords: NewPassword[];
}

interface NewPassword {
  password: SessionPassword;
  plain: string;
  /** For the log, when it is stored. */
  words: string;
  /** Changes that hold from the moment it is stored. */
  stored?: () => void;
}

type Row<Key extends SettingKey> = (value: SettingValue<Key>, change: Change) => string | undefined | Refused;

const needsModerator: Refused = { refused: 'only moderators may change it' };

type FlagKey = SessionFlag & SettingKey;

/** A flag, with words for on and off, and why somebody may not change it. */
function flagRow(
  name: FlagKey,
  on: string,
  off: string,
  refusal: (isOn: boolean, change: Change) => string | false = () => false,
): Row<FlagKey> {
  return (value, change) => {
    const { options } = change.session.config;
    const refused = refusal(value, change);
    if (refused !== false) return { refused };
    if (options[name] === value) return undefined;
    options[name] = value;
    return value ? on : off;
  };
}

const moderatorsOnly = (_isOn: boolean, { actor }: Change) => !isModerating(actor) && needsModerator.refused;

/** Why this person may not say whether web browsers may join. */
function webRefusal(isOn: boolean, by: Member | undefined): string | false {
  if (by === undefined) return false;
  if (!by.has('WEBSESSION')) return 'the WEBSESSION flag is needed to change it';
  return !isOn && by.visitor.isBrowser && 'a web browser cannot lock itself out';
}

/** `"<founder> Drawpile"`, or without the name where that is forbidden. */
function automaticTitle(session: ChangeSession): string {
  const title = `${session.config.founder} Drawpile`.slice(0, titleUnitsAtMost);
  return session.needs.nameRules.isForbidden(title) ? 'Drawpile' : title;
}

/** Answers whether the title is another one now, or is made in another way. */
function setTitle(session: ChangeSession, title: string, isAutomatic: boolean): boolean {
  const { options } = session.config;
  if (options.title === title && options.autotitle === isAutomatic) return false;
  options.autotitle = isAutomatic;
  if (options.title !== title) {
    options.title = title;
    session.write({ key: 'title', title });
  }
  return true;
}

/** In the order in which the originals apply them. `password` after `allowWeb`: see there. */
const rows: { readonly [Key in SettingKey]: Row<Key> } = {
  authOnly: flagRow(
    'authOnly',
    'restricted to registered users',
    'opened to guests',
    (isOn, { by }) =>
      isOn && by !== undefined && !by.isRegistered && 'only registered users can exclude guests',
  ),
  persistent: flagRow(
    'persistent',
    'made persistent',
    'made nonpersistent',
    (_isOn, { actor, by, session }) =>
      !isModerating(actor) &&
      !session.needs.settings.get('persistence') &&
      by?.has('PERSIST') !== true &&
      'the server setting persistence is off',
  ),
  founder: (value, { session, actor }) => {
    if (!isModerating(actor)) return needsModerator;
    if (session.config.founder === value) return undefined;
    session.config.setFounder(value);
    if (session.config.options.autotitle) setTitle(session, automaticTitle(session), true);
    return `changed founder to '${value}'`;
  },
  title: (value, { session, actor, by, wishes }) => {
    if (wishes.autotitle === true) return undefined;
    const title = value.slice(0, titleUnitsAtMost);
    if (!isModerating(actor) && session.needs.nameRules.isForbidden(title)) {
      session.note('warn', 'RuleBreak', `Tried to set the forbidden title '${title}'`, by?.logUser);
      return setTitle(session, automaticTitle(session), true)
        ? `changed title to '${session.config.options.title}', because the chosen one is forbidden`
        : undefined;
    }
    return setTitle(session, title, false) ? `changed title to '${title}'` : undefined;
  },
  autotitle: (value, { session }) =>
    value && setTitle(session, automaticTitle(session), true) ? 'switched to automatic title' : undefined,
  maxUserCount: (value, { session, actor }) => {
    const { options } = session.config;
    const most = isModerating(actor)
      ? 254
      : Math.max(options.maxUserCount, clampUserCount(session.needs.settings.get('sessionUserLimit')));
    const count = Math.min(clampUserCount(value), most);
    if (count === options.maxUserCount) return undefined;
    options.maxUserCount = count;
    session.write({ key: 'maxUsers', count });
    return `set the user limit to ${count}`;
  },
  resetThreshold: (value, { session }) => {
    const { options } = session.config;
    const bytes = value === 0 ? 0 : Math.max(value, session.needs.settings.get('minimumAutoResetThreshold'));
    if (bytes === options.resetThreshold) return undefined;
    options.resetThreshold = bytes;
    session.write({ key: 'autoReset', bytes });
    return `set the autoreset threshold to ${bytes} bytes`;
  },
  allowWeb: flagRow('allowWeb', 'allowed web browsers', 'disallowed web browsers', (isOn, { by }) =>
    webRefusal(isOn, by),
  ),
  password: setPassword,
  opword: (value, { session, passwords }) => {
    if (session.opword.is(value)) return undefined;
    passwords.push({
      password: session.opword,
      plain: value,
      words: value === '' ? 'removed the operator password' : 'set an operator password',
    });
    return undefined;
  },
  preserveChat: flagRow('preserveChat', 'preserve chat', "don't preserve chat"),
  nsfm: flagRow(
    'nsfm',
    'tagged NSFM',
    'removed NSFM tag',
    (isOn, { session }) =>
      !isOn && session.needs.settings.get('forceNsfm') && 'the server setting forceNsfm is on',
  ),
  deputies: flagRow('deputies', 'enabled deputies', 'disabled deputies'),
  idleOverride: flagRow(
    'idleOverride',
    'exempted from the idle limit',
    'subject to the idle limit again',
    (isOn, change) =>
      moderatorsOnly(isOn, change) ||
      (!change.session.needs.settings.get('allowIdleOverride') &&
        'the server setting allowIdleOverride is off'),
  ),
  invites: flagRow('invites', 'enabled invites', 'disabled invites', moderatorsOnly),
  unlisted: flagRow('unlisted', 'made unlisted', 'made listed', moderatorsOnly),
  archive: (value, { session, actor }) => {
    if (!isModerating(actor)) return needsModerator;
    if (session.config.options.archive === value) return undefined;
    session.config.options.archive = value;
    session.write({ key: 'archive', archive: value });
    return value === null
      ? 'reset archiving to the server default'
      : value
        ? 'enabled archiving'
        : 'disabled archiving';
  },
  overrideSize: (value, { session, actor }) => {
    if (!isModerating(actor)) return needsModerator;
    if (session.config.options.overrideSize === value) return undefined;
    session.config.options.overrideSize = value;
    session.write({ key: 'sizeLimit', bytes: value });
    return value === 0 ? 'removed the size override' : `set the size override to ${value} bytes`;
  },
};

/** Closing to newcomers is not supported any more; old dialogs are notified, and reset their switch. */
function answerClosed(by: Member): void {
  by.send(replies.keyed('alert', 'closeunsupported', {}, texts.closeUnsupported));
  by.send(replies.sessionConf({ closed: true }));
  by.send(replies.sessionConf({ closed: null }));
}

function setPassword(value: string, change: Change): string | undefined {
  const { session, by, wishes } = change;
  const { needs } = session;
  const { options } = session.config;
  const isSaid = wishes.allowWeb !== undefined && (by === undefined || by.has('WEBSESSION'));
  const followsPassword = needs.hasWebSockets && needs.settings.get('passwordDependentWebSession') && !isSaid;
  const isNew = !session.password.is(value);
  let web = '';
  let stored: (() => void) | undefined;
  if (followsPassword && value !== '' && !options.allowWeb) {
    web = 'allowed web browsers';
    const allow = () => {
      options.allowWeb = true;
    };
    // Not before nobody comes in without the password.
    if (isNew) stored = allow;
    else allow();
  } else if (
    followsPassword &&
    value === '' &&
    options.allowWeb &&
    by !== undefined &&
    !by.has('WEBSESSION')
  ) {
    if (by.visitor.isBrowser) return undefined;
    options.allowWeb = false;
    web = 'disallowed web browsers';
    kickBrowsers(session, change.actor, by);
  }
  if (!isNew) return web || undefined;
  const text = value === '' ? 'removed the password' : 'set a password';
  change.passwords.push({
    password: session.password,
    plain: value,
    words: web === '' ? text : `${web}, ${text}`,
    ...(stored && { stored }),
  });
  return undefined;
}

function kickBrowsers(session: ChangeSession, actor: Actor, by: Member): void {
  const kicked = session.people.members.filter(
    (member) =>
      member.visitor.isBrowser && member !== by && !member.isModerator && !member.visitor.inviteSecret,
  );
  if (kicked.length === 0) return;
  const people = kicked.map(({ logUser }) => logUser);
  session.did({ action: 'kickBrowsers', actor, effect: { people } });
  session.flow.sendToAll(
    replies.keyed('alert', 'kickwebusers', { by: by.name }, texts.webDisallowed(by.name)),
  );
  for (const member of kicked) member.disconnect('shutdown', texts.webDisconnected);
}

/** The values of all settings as they are now. Of a password only whether there is one. */
function valuesOf({ config, opword, password }: ChangeSession): Readonly<Record<SettingKey, unknown>> {
  const { options, founder } = config;
  return {
    ...options,
    founder,
    password: password.isSet ? hiddenValue : '',
    opword: opword.isSet ? hiddenValue : '',
  };
}

/** What changed of the settings over several steps, with others' changes between them. */
class ChangedValues {
  readonly #session: ChangeSession;
  before: ChangeFacts = {};
  after: ChangeFacts = {};

  constructor(session: ChangeSession) {
    this.#session = session;
  }

  during(step: () => void): void {
    const before = valuesOf(this.#session);
    step();
    const found = difference(before, valuesOf(this.#session));
    if (!found) return;
    this.before = { ...found.before, ...this.before };
    this.after = { ...this.after, ...found.after };
  }

  /** A password took the place of what there was. */
  replaced(key: 'password' | 'opword', hadOne: boolean): void {
    const now = valuesOf(this.#session)[key];
    this.before = { ...this.before, [key]: hadOne ? hiddenValue : '' };
    this.after = { ...this.after, [key]: now };
  }
}

/** With these a moderator or administrator decides who gets in and whether the session is kept. */
const decisive = ['password', 'authOnly', 'persistent'] as const satisfies readonly SettingKey[];

export interface ChangeResult {
  isChanged: boolean;
  /** Values without a sensible meaning, and what could not be done now; nothing was done about those. */
  problems: readonly string[];
  /** What the server, or a missing right, does not allow. */
  refusals: readonly string[];
  /** Too many passwords wait to be hashed: one of them was not set. */
  isBusy: boolean;
}

const passwordsBusy = 'too many passwords are being set at the moment, try again later';

/**
 * Applies what may be applied, and notifies everyone if anything changed. Passwords are hashed first:
 * nobody is notified of them, or of what was changed together with them, before they are stored. Then `done` is called.
 */
export function changeSession(
  session: ChangeSession,
  given: JsonObject,
  actor: Actor,
  done: (result: ChangeResult) => void = () => {},
): void {
  const { values, problems } = readSettings(given);
  const by = memberOf(actor);
  if (by !== undefined && flag.read(given.closed) === true) answerClosed(by);
  const change: Change = { session, actor, by, wishes: values, passwords: [] };
  const { options } = session.config;
  const wasUnlisted = options.unlisted;
  const flagsBefore = flagsOf(options).join();
  const words: string[] = [];
  const refusals: string[] = [];
  const changed = new ChangedValues(session);
  changed.during(() => {
    for (const [key, row] of Object.entries(rows) as [SettingKey, Row<SettingKey>][]) {
      const value = values[key];
      if (value === undefined) continue;
      const answer = row(value as never, change);
      if (typeof answer === 'string') words.push(answer);
      else if (answer !== undefined) refusals.push(`${key}: ${answer.refused}`);
    }
  });
  const settle = (): void => {
    if (isModerating(actor) && session.settleDoubts()) words.push('settled what was in doubt');
  };
  const isPasswordAhead = change.passwords.some(({ password }) => password === session.password);
  if (decisive.some((key) => values[key] !== undefined && !(key === 'password' && isPasswordAhead))) settle();
  if (flagsOf(options).join() !== flagsBefore) session.config.writeFlags();
  const setNow = new Set<SessionPassword>();
  let isBusy = false;
  let waiting = change.passwords.length;
  let changeDone: (() => void) | undefined;
  const finish = (): void => {
    if (waiting > 0) return;
    const isChanged = words.length > 0;
    if (isChanged && !session.isEnded) {
      recordChange(session, {
        words,
        changed,
        actor,
        newPassword: setNow.has(session.password) ? values.password : undefined,
        isUnlisted: options.unlisted && !wasUnlisted,
      });
    }
    done({ isChanged, problems: isBusy ? [...problems, passwordsBusy] : problems, refusals, isBusy });
    changeDone?.();
  };
  for (const { password, plain, words: text, stored } of change.passwords) {
    const hadOne = password.isSet;
    password.set(
      plain,
      (outcome) => {
        waiting--;
        if (outcome === 'stored') {
          setNow.add(password);
          words.push(text);
          changed.replaced(password === session.password ? 'password' : 'opword', hadOne);
          if (password === session.password) settle();
          if (stored) {
            changed.during(stored);
            session.config.writeFlags();
          }
        } else if (outcome === 'busy') {
          isBusy = true;
        }
        finish();
      },
      by?.visitor.ip,
    );
  }
  if (change.passwords.length === 0) finish();
  else if (waiting > 0) changeDone = by?.beginChange();
}

function recordChange(
  session: ChangeSession,
  change: {
    words: readonly string[];
    changed: ChangedValues;
    actor: Actor;
    /** Undefined: it was not changed. */
    newPassword: string | undefined;
    isUnlisted: boolean;
  },
): void {
  session.config.store();
  if (change.newPassword !== undefined) {
    const frame = replies.passwordChange(change.newPassword);
    for (const member of session.people.members) if (!member.visitor.inviteSecret) member.send(frame);
  }
  if (change.isUnlisted) session.needs.listings.unlist(session.listings, '');
  const { before, after } = change.changed;
  session.did({ action: 'set', actor: change.actor, effect: { changes: change.words, before, after } });
  session.changed();
}

/** A server-wide setting that clients see changed: what that means for this session (sessions.md §9.2). */
export function applyServerSettings(session: ChangeSession): void {
  const { settings } = session.needs;
  const { options } = session.config;
  const words: string[] = [];
  const changed = new ChangedValues(session);
  changed.during(() => {
    if (settings.get('forceNsfm') && !options.nsfm) {
      options.nsfm = true;
      words.push('tagged NSFM');
    }
    if (!settings.get('allowIdleOverride') && options.idleOverride) {
      options.idleOverride = false;
      words.push('subject to the idle limit again');
    }
    if (session.config.raiseThreshold()) {
      words.push(`set the autoreset threshold to ${options.resetThreshold} bytes`);
    }
  });
  if ('nsfm' in changed.after || 'idleOverride' in changed.after) session.config.writeFlags();
  if (words.length > 0) {
    const { before, after } = changed;
    const actor = { kind: 'rule', rule: 'serverSetting' } as const;
    session.did({ action: 'set', actor, effect: { changes: words, before, after } });
  }
  session.config.sendServerSettings();
  session.changed();
}
