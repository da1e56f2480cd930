// A session as the lobby shows it (sessions.md §22).
import type { SettingsReader } from '../settings/settings.js';
import { formatTimestamp } from '../units.js';
import type { SessionState } from './phase.js';
import type { SessionOptions } from './session-options.js';

/** A template has no id, unless one was set aside for it, and none of what only a session has. */
export type SessionDescription = {
  id?: string;
  alias: string;
  protocol: string;
  maxUserCount: number;
  founder: string;
  title: string;
  hasPassword: boolean;
  authOnly: boolean;
  nsfm: boolean;
  userCount?: number;
  closed?: boolean;
  startTime?: string;
  size?: number;
  persistent?: boolean;
  activeDrawingUserCount?: number;
  autotitle?: boolean;
  invites?: boolean;
  unlisted?: boolean;
  idleOverride?: boolean;
  allowWeb?: boolean;
  preferWebSockets?: boolean;
};

/** Whether newcomers find room. */
export interface OpenSession {
  readonly state: SessionState;
  readonly isShut: boolean;
  readonly options: SessionOptions;
  readonly people: { readonly count: number };
}

export interface DescribedSession extends OpenSession {
  readonly id: string;
  readonly alias: string;
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly needs: { readonly settings: SettingsReader; readonly hasWebSockets: boolean };
  readonly config: { readonly founder: string };
  readonly password: { readonly isSet: boolean };
  readonly people: { readonly count: number; readonly activeDrawerCount: number };
  readonly history: { readonly sizeBytes: number };
}

export function describeSession(session: DescribedSession) {
  const { options, needs } = session;
  const { settings } = needs;
  return {
    id: session.id,
    alias: session.alias,
    protocol: session.protocol,
    userCount: session.people.count,
    maxUserCount: options.maxUserCount,
    founder: session.config.founder,
    title: options.title,
    hasPassword: session.password.isSet,
    // One that ends because the server stops is shown as it will be found again (recorded).
    closed: session.state.name !== 'ended' && isClosed(session),
    authOnly: options.authOnly,
    nsfm: options.nsfm,
    startTime: formatTimestamp(session.startTime),
    size: session.history.sizeBytes,
    persistent: options.persistent,
    activeDrawingUserCount: session.people.activeDrawerCount,
    autotitle: options.autotitle,
    invites: options.invites,
    unlisted: options.unlisted,
    ...(settings.get('allowIdleOverride') && { idleOverride: options.idleOverride }),
    ...(needs.hasWebSockets && {
      allowWeb: options.allowWeb,
      ...(settings.get('preferWebSockets') && { preferWebSockets: true }),
    }),
  } satisfies SessionDescription;
}

/** Nobody can come in without an invite: full, shut, or being reset. */
export function isClosed(session: OpenSession): boolean {
  const { name } = session.state;
  const isFull = session.people.count >= session.options.maxUserCount;
  return isFull || session.isShut || name === 'resetting' || name === 'ended';
}

/** As someone sees it who holds a valid invite: nothing keeps them out. */
export function invitedDescription(description: SessionDescription): SessionDescription {
  return {
    ...description,
    hasPassword: false,
    authOnly: false,
    ...('allowWeb' in description && { allowWeb: true }),
  };
}
