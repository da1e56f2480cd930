// TABLE of what can be changed about a session, by operators, moderators and administrators (sessions.md §9.1).
// To add a key: one row. A row answers with words for the log, or undefined when nothing was changed.
import type { JsonObject } from '../protocol/command.js';
import { parseSize } from '../units.js';
import type { Member } from './member.js';
import { replies } from './replies.js';
import type { SessionFlag } from './saved.js';
import type { Session } from './session.js';
import { clampBytes, clampUserCount, titleUnitsAtMost } from './session-options.js';

/** Who asks; undefined is an administrator, who may do everything. */
export type Changer = Member | undefined;

interface Change {
  session: Session;
  by: Changer;
  /** All that is asked for at once. */
  wishes: JsonObject;
}

type Row = (value: unknown, change: Change) => string | undefined;

const isModerator = (by: Changer) => by === undefined || by.isModerator;

/** A flag, with words for on and off and who may change it. */
function flagRow(
  flag: SessionFlag,
  on: string,
  off: string,
  may: (isOn: boolean, change: Change) => boolean = () => true,
): Row {
  return (value, change) => {
    if (typeof value !== 'boolean' || !may(value, change)) return undefined;
    change.session.options[flag] = value;
    return value ? on : off;
  };
}

const moderatorsOnly = (_isOn: boolean, { by }: Change) => isModerator(by);

/** `"<founder> Drawpile"`, or without the name where that is forbidden. */
function automaticTitle(session: Session): string {
  const title = `${session.founder} Drawpile`.slice(0, titleUnitsAtMost);
  return session.needs.nameRules.isForbidden(title) ? 'Drawpile' : title;
}

function setTitle(session: Session, title: string, isAutomatic: boolean): void {
  session.options.title = title;
  session.options.autotitle = isAutomatic;
  session.write({ key: 'title', title });
}

/** Bytes, from a number or text such as `15mb`; undefined: neither. */
function bytesFrom(value: unknown): number | undefined {
  const bytes = typeof value === 'number' ? value : typeof value === 'string' ? parseSize(value) : undefined;
  return bytes !== undefined && Number.isFinite(bytes) && bytes >= 0 ? clampBytes(bytes) : undefined;
}

/** In the order in which the originals apply them. `password` after `allowWeb`: see there. */
const rows: Record<string, Row> = {
  closed: (value, { by }) => {
    // Not supported any more; old dialogs are told and snap back.
    if (value !== true || !by) return undefined;
    by.send(
      replies.keyed(
        'alert',
        'closeunsupported',
        {},
        'Blocking new users is not supported. Set a password or a user limit.',
      ),
    );
    by.send(replies.sessionConf({ closed: true }));
    by.send(replies.sessionConf({ closed: null }));
    return undefined;
  },
  authOnly: flagRow(
    'authOnly',
    'restricted to registered users',
    'opened to guests',
    (isOn, { by }) => !isOn || by === undefined || by.isRegistered,
  ),
  persistent: flagRow(
    'persistent',
    'made persistent',
    'made nonpersistent',
    (_isOn, { by, session }) =>
      isModerator(by) || session.needs.settings.get('persistence') || by?.has('PERSIST') === true,
  ),
  founder: (value, { session, by }) => {
    if (typeof value !== 'string' || value === '' || !isModerator(by)) return undefined;
    session.founder = value;
    session.write({ key: 'founder', name: value });
    if (session.options.autotitle) setTitle(session, automaticTitle(session), true);
    return `changed founder to '${value}'`;
  },
  title: (value, { session, by, wishes }) => {
    if (typeof value !== 'string' || wishes.autotitle === true) return undefined;
    const title = value.slice(0, titleUnitsAtMost);
    const isForbidden = !isModerator(by) && session.needs.nameRules.isForbidden(title);
    setTitle(session, isForbidden ? automaticTitle(session) : title, isForbidden);
    return `changed title to '${session.options.title}'`;
  },
  autotitle: (value, { session }) => {
    if (value !== true) return undefined;
    setTitle(session, automaticTitle(session), true);
    return 'switched to automatic title';
  },
  maxUserCount: (value, { session, by }) => {
    if (typeof value !== 'number') return undefined;
    const { options } = session;
    const most = isModerator(by)
      ? 254
      : Math.max(options.maxUserCount, clampUserCount(session.needs.settings.get('sessionUserLimit')));
    options.maxUserCount = Math.min(clampUserCount(Math.trunc(value)), most);
    session.write({ key: 'maxUsers', count: options.maxUserCount });
    return `set the user limit to ${options.maxUserCount}`;
  },
  resetThreshold: (value, { session }) => {
    const bytes = bytesFrom(value);
    if (bytes === undefined) return undefined;
    const least = session.needs.settings.get('minimumAutoResetThreshold');
    session.options.resetThreshold = bytes === 0 ? 0 : Math.max(bytes, least);
    session.write({ key: 'autoReset', bytes: session.options.resetThreshold });
    return `set the autoreset threshold to ${session.options.resetThreshold} bytes`;
  },
  allowWeb: flagRow(
    'allowWeb',
    'allowed web browsers',
    'disallowed web browsers',
    (isOn, { by }) => by === undefined || (by.has('WEBSESSION') && (isOn || !by.visitor.isBrowser)),
  ),
  password: setPassword,
  opword: (value, { session }) => {
    if (typeof value !== 'string') return undefined;
    session.opword.set(value);
    return value === '' ? 'removed the operator password' : 'set an operator password';
  },
  preserveChat: flagRow('preserveChat', 'preserve chat', "don't preserve chat"),
  nsfm: flagRow(
    'nsfm',
    'tagged NSFM',
    'removed NSFM tag',
    (isOn, { session }) => isOn || !session.needs.settings.get('forceNsfm'),
  ),
  deputies: flagRow('deputies', 'enabled deputies', 'disabled deputies'),
  idleOverride: flagRow(
    'idleOverride',
    'exempted from the idle limit',
    'subject to the idle limit again',
    (_isOn, { by, session }) => isModerator(by) && session.needs.settings.get('allowIdleOverride'),
  ),
  invites: flagRow('invites', 'enabled invites', 'disabled invites', moderatorsOnly),
  unlisted: flagRow('unlisted', 'made unlisted', 'made listed', moderatorsOnly),
  archive: (value, { session, by }) => {
    if (!isModerator(by) || (typeof value !== 'boolean' && value !== null)) return undefined;
    session.options.archive = value;
    session.write({ key: 'archive', archive: value });
    return value === null ? 'archived as the server is set' : value ? 'to be archived' : 'not to be archived';
  },
  overrideSize: (value, { session, by }) => {
    const bytes = bytesFrom(value);
    if (!isModerator(by) || bytes === undefined) return undefined;
    session.options.overrideSize = bytes;
    session.write({ key: 'sizeLimit', bytes });
    return bytes === 0 ? 'removed the size override' : `set the size override to ${bytes} bytes`;
  },
};

/** Keys that exist, for those who offer them to people. */
export const sessionConfKeys = Object.keys(rows);

function setPassword(value: unknown, change: Change): string | undefined {
  const { session, by, wishes } = change;
  if (typeof value !== 'string') return undefined;
  const { options, needs } = session;
  const followsPassword =
    needs.hasWebSockets &&
    needs.settings.get('passwordDependentWebSession') &&
    typeof wishes.allowWeb !== 'boolean';
  if (followsPassword && value !== '') {
    options.allowWeb = true;
  } else if (followsPassword && options.allowWeb && by !== undefined && !by.has('WEBSESSION')) {
    if (by.visitor.isBrowser) return undefined;
    options.allowWeb = false;
    kickBrowsers(session, by);
  }
  session.password.set(value);
  return value === '' ? 'removed the password' : 'set a password';
}

function kickBrowsers(session: Session, by: Member): void {
  const kicked = session.members.filter(
    (member) =>
      member.visitor.isBrowser && member !== by && !member.isModerator && !member.visitor.inviteSecret,
  );
  if (kicked.length === 0) return;
  session.sendToAll(
    replies.keyed(
      'alert',
      'kickwebusers',
      { by: by.name },
      `Web browsers are not allowed here any more (by ${by.name})`,
    ),
  );
  for (const member of kicked)
    member.disconnect('shutdown', 'This session does not allow web browsers any more');
}

/** Applies what may be applied, tells everyone, and answers whether anything changed. */
export function changeSession(session: Session, wishes: JsonObject, by: Changer): boolean {
  const change: Change = { session, by, wishes };
  const wasUnlisted = session.options.unlisted;
  const words: string[] = [];
  for (const [key, row] of Object.entries(rows)) {
    if (!Object.hasOwn(wishes, key)) continue;
    const text = row(wishes[key], change);
    if (text !== undefined) words.push(text);
  }
  if (words.length === 0) return false;
  session.writeFlags();
  session.storeConfig();
  if (typeof wishes.password === 'string') {
    const frame = replies.passwordChange(wishes.password);
    for (const member of session.members) if (!member.visitor.inviteSecret) member.send(frame);
  }
  if (session.options.unlisted && !wasUnlisted) session.needs.listings.unlist(session.listings, '');
  const summary = words.join(', ');
  session.note('info', 'Status', summary[0]!.toUpperCase() + summary.slice(1), by?.logUser);
  session.changed();
  return true;
}

/** A server-wide setting that clients see changed: what that means for this session (sessions.md §9.2). */
export function applyServerSettings(session: Session): void {
  const { settings } = session.needs;
  const { options } = session;
  let isChanged = false;
  if (settings.get('forceNsfm') && !options.nsfm) {
    options.nsfm = true;
    isChanged = true;
  }
  if (!settings.get('allowIdleOverride') && options.idleOverride) {
    options.idleOverride = false;
    isChanged = true;
  }
  const least = settings.get('minimumAutoResetThreshold');
  if (options.resetThreshold !== 0 && options.resetThreshold < least) {
    options.resetThreshold = least;
    session.write({ key: 'autoReset', bytes: least });
  }
  if (isChanged) session.writeFlags();
  session.storeConfig();
  session.changed();
}
