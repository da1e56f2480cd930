// Changes the settings of a session, for operators, moderators and administrators (sessions.md §9.1). The table is
// core/settings/session-settings.ts; this file has the settings with further effects.
import { type Reason, reason } from '../errors/reason.js';
import type { JsonObject } from '../protocol/command.js';
import { readSettings } from '../settings/session-setting-reading.js';
import { readFlag } from '../settings/session-setting-values.js';
import {
  anyRow,
  type OptionKey,
  optionKeys,
  type PasswordKey,
  type Requester,
  refusalOf,
  type SettingKey,
  type SettingValue,
  type SettingValues,
  sessionFlags,
  settingKeys,
  titleUnitsAtMost,
} from '../settings/session-settings.js';
import type { SettingsReader } from '../settings/settings.js';
import type { ActionRecorder } from './actions.js';
import { type Actor, isModerating, memberOf } from './actor.js';
import { type ChangeFacts, difference, hiddenValue } from './change.js';
import type { Configuration } from './configuration.js';
import type { Member, Present } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { ListedSession, Listings, NameRules } from './needs.js';
import { replies } from './replies.js';
import type { SessionLogger } from './session-log-writer.js';
import { flagsOf } from './session-options.js';
import type { SessionPassword } from './session-password.js';
import { texts } from './texts.js';

export interface ChangeSession extends SessionLogger, ActionRecorder {
  readonly needs: {
    readonly settings: SettingsReader;
    readonly nameRules: NameRules;
    readonly listings: Pick<Listings, 'unlist'>;
    readonly hasWebSockets: boolean;
  };
  readonly isEnded: boolean;
  readonly config: Pick<
    Configuration,
    'founder' | 'meet' | 'options' | 'sendServerSettings' | 'set' | 'store' | 'writeFlags'
  >;
  readonly password: SessionPassword;
  readonly opword: SessionPassword;
  readonly people: Pick<Present, 'members'>;
  readonly flow: Pick<MessageFlow, 'sendToAll'>;
  readonly listings: ListedSession;
  settleDoubts(): boolean;
  changed(): void;
}

interface Change {
  session: ChangeSession;
  actor: Actor;
  requester: Requester;
  /** The member who requests the change; undefined: an administrator, who may do everything. */
  by: Member | undefined;
  /** All requested values. */
  requested: SettingValues;
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

/** `"<founder> Drawpile"`, or without the name where that is forbidden. */
function automaticTitle(session: ChangeSession): string {
  const title = `${session.config.founder} Drawpile`.slice(0, titleUnitsAtMost);
  return session.needs.nameRules.isForbidden(title) ? 'Drawpile' : title;
}

/** Returns whether the title or its origin (automatic or not) has changed. */
function setTitle(session: ChangeSession, title: string, isAutomatic: boolean): boolean {
  const { options } = session.config;
  if (options.title === title && options.autotitle === isAutomatic) return false;
  options.autotitle = isAutomatic;
  if (options.title !== title) session.config.set('title', title);
  return true;
}

/** Sets what a setting is limited to. Answers with words for the log; undefined: it has that value already. */
function apply(key: OptionKey, value: unknown, { session, requester }: Change): string | undefined {
  const row = anyRow(key);
  const { config, needs } = session;
  const now = config.options[key];
  const limited = row.limit ? row.limit(value, requester, now) : value;
  const next = row.required ? row.required(limited, needs.settings) : limited;
  if (next === now) return undefined;
  config.set(key, next as typeof now);
  return wordsFor(key, next);
}

/** The words of the log for the value of a setting. */
function wordsFor(key: SettingKey, value: unknown): string {
  const row = anyRow(key);
  if (row.type === 'flag') return value ? row.on : row.off;
  return row.says?.(value) ?? '';
}

type Effect<Key extends SettingKey> = (value: SettingValue<Key>, change: Change) => string | undefined;

/** Settings with further effects. */
const effects: { readonly [Key in SettingKey]?: Effect<Key> } & Record<PasswordKey, Effect<PasswordKey>> = {
  founder: (value, change) => {
    const { session } = change;
    const words = apply('founder', value, change);
    if (words !== undefined && session.config.options.autotitle)
      setTitle(session, automaticTitle(session), true);
    return words;
  },
  title: (value, { session, requester, by, requested }) => {
    if (requested.autotitle === true) return undefined;
    const title = value.slice(0, titleUnitsAtMost);
    if (!requester.isModerating && session.needs.nameRules.isForbidden(title)) {
      session.writeLog('warn', 'RuleBreak', `Tried to set the forbidden title '${title}'`, by?.logUser);
      return setTitle(session, automaticTitle(session), true)
        ? `changed title to '${session.config.options.title}', because the chosen one is forbidden`
        : undefined;
    }
    return setTitle(session, title, false) ? wordsFor('title', title) : undefined;
  },
  autotitle: (value, { session }) =>
    value && setTitle(session, automaticTitle(session), true) ? wordsFor('autotitle', true) : undefined,
  password: setPassword,
  opword: (value, { session, passwords }) => {
    if (session.opword.is(value)) return undefined;
    passwords.push({ password: session.opword, plain: value, words: wordsFor('opword', value) });
    return undefined;
  },
};

/** Closing to newcomers is not supported any more; old dialogs are notified, and reset their switch. */
function answerClosed(by: Member): void {
  by.send(replies.keyed('alert', 'closeunsupported', {}, texts.closeUnsupported));
  by.send(replies.sessionConf({ closed: true }));
  by.send(replies.sessionConf({ closed: null }));
}

function setPassword(value: string, change: Change): string | undefined {
  const { session, by, requested } = change;
  const { needs } = session;
  const { options } = session.config;
  const isSaid = requested.allowWeb !== undefined && (by === undefined || by.has('WEBSESSION'));
  const followsPassword = needs.hasWebSockets && needs.settings.get('passwordDependentWebSession') && !isSaid;
  const isNew = !session.password.is(value);
  let web = '';
  let stored: (() => void) | undefined;
  if (followsPassword && value !== '' && !options.allowWeb) {
    web = wordsFor('allowWeb', true);
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
    if (by.userInfo.isBrowser) return undefined;
    options.allowWeb = false;
    web = wordsFor('allowWeb', false);
    kickBrowsers(session, change.actor, by);
  }
  if (!isNew) return web || undefined;
  const text = wordsFor('password', value);
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
      member.userInfo.isBrowser && member !== by && !member.isModerator && !member.userInfo.inviteSecret,
  );
  if (kicked.length === 0) return;
  const people = kicked.map(({ logUser }) => logUser);
  session.recordAction({ kind: 'kickBrowsers', actor, effect: { people } });
  session.flow.sendToAll(
    replies.keyed('alert', 'kickwebusers', { by: by.name }, texts.webDisallowed(by.name)),
  );
  for (const member of kicked) member.disconnect('shutdown', texts.webDisconnected);
}

/** The values of all settings as they are now. Of a password only whether there is one. */
function valuesOf({ config, opword, password }: ChangeSession): Readonly<Record<SettingKey, unknown>> {
  return {
    ...config.options,
    password: password.isSet ? hiddenValue : '',
    opword: opword.isSet ? hiddenValue : '',
  };
}

/** Collects the changed settings over several steps, between which others may change them too. */
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

/** Settings by which a moderator or administrator decides who can join and whether the session is kept. */
const decisive = ['password', 'authOnly', 'persistent'] as const satisfies readonly SettingKey[];

export interface ChangeResult {
  isChanged: boolean;
  /** Values without a sensible meaning, and what could not be done now; nothing was done about those. */
  problems: readonly Reason[];
  /** What the server, or a missing right, does not allow. */
  refusals: readonly Reason[];
  /** Too many passwords wait to be hashed: one of them was not set. */
  isBusy: boolean;
}

const passwordsBusy = reason('passwords-busy');

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
  if (by !== undefined && readFlag(given.closed) === true) answerClosed(by);
  const requester: Requester = { isModerating: isModerating(actor), by, settings: session.needs.settings };
  const change: Change = { session, actor, requester, by, requested: values, passwords: [] };
  const { options } = session.config;
  const wasUnlisted = options.unlisted;
  const flagsBefore = flagsOf(options).join();
  const words: string[] = [];
  const refusals: Reason[] = [];
  const changed = new ChangedValues(session);
  changed.during(() => {
    for (const key of settingKeys) {
      const value = values[key];
      if (value === undefined) continue;
      const refused = refusalOf(key, value, requester);
      const effect = effects[key] as Effect<SettingKey> | undefined;
      if (refused !== false) {
        refusals.push(reason('setting-refused', { setting: key, problem: refused }));
        continue;
      }
      const said = effect ? effect(value, change) : apply(key as OptionKey, value, change);
      if (said !== undefined) words.push(said);
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
      by?.userInfo.ip,
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
    for (const member of session.people.members) if (!member.userInfo.inviteSecret) member.send(frame);
  }
  if (change.isUnlisted) session.needs.listings.unlist(session.listings, '');
  const { before, after } = change.changed;
  session.recordAction({
    kind: 'set',
    actor: change.actor,
    effect: { changes: change.words, before, after },
  });
  session.changed();
}

/** A server-wide setting that clients see changed: what that means for this session (sessions.md §9.2). */
export function applyServerSettings(session: ChangeSession): void {
  const { options } = session.config;
  const words: string[] = [];
  const changed = new ChangedValues(session);
  changed.during(() => {
    for (const key of optionKeys) {
      if (session.config.meet(key)) words.push(wordsFor(key, options[key]));
    }
  });
  if (sessionFlags.some((key) => key in changed.after)) session.config.writeFlags();
  if (words.length > 0) {
    const { before, after } = changed;
    const actor = { kind: 'rule', rule: 'serverSetting' } as const;
    session.recordAction({ kind: 'set', actor, effect: { changes: words, before, after } });
  }
  session.config.sendServerSettings();
  session.changed();
}
