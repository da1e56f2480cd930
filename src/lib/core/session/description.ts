// A session as the lobby shows it (sessions.md §22).
import type { JsonObject } from '../protocol/command.js';
import { formatTimestamp } from '../units.js';
import type { Session } from './session.js';

export interface SessionDescription extends JsonObject {
  id?: string;
  alias: string;
}

export function describeSession(session: Session): SessionDescription {
  const { options, needs } = session;
  const { settings } = needs;
  return {
    id: session.id,
    alias: session.alias,
    protocol: session.protocol,
    userCount: session.userCount,
    maxUserCount: options.maxUserCount,
    founder: session.founder,
    title: options.title,
    hasPassword: session.password.isSet,
    // One that ends because the server stops is shown as it will be found again (recorded).
    closed: !session.isEnded && isClosed(session),
    authOnly: options.authOnly,
    nsfm: options.nsfm,
    startTime: formatTimestamp(session.startTime),
    size: session.history.sizeBytes,
    persistent: options.persistent,
    activeDrawingUserCount: session.activeDrawerCount,
    autotitle: options.autotitle,
    invites: options.invites,
    unlisted: options.unlisted,
    ...(settings.get('allowIdleOverride') && { idleOverride: options.idleOverride }),
    ...(needs.hasWebSockets && {
      allowWeb: options.allowWeb,
      ...(settings.get('preferWebSockets') && { preferWebSockets: true }),
    }),
  };
}

/** Nobody can come in without an invite: full, shut, or being reset. */
export function isClosed(session: Session): boolean {
  const { name } = session.state;
  const isFull = session.userCount >= session.options.maxUserCount;
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
