// Announcing a session at list servers and withdrawing announcements (sessions.md §8, §21), for every actor. The
// listing port reports whether an announcement succeeds.

import { reason } from '../errors/reason.js';
import type { Action, ActionRecorder, Refused } from './actions.js';
import { type Actor, memberOf } from './actor.js';
import type { ListedSession, Listings } from './needs.js';

export interface AnnouncingSession extends ActionRecorder {
  readonly options: { readonly unlisted: boolean };
  readonly needs: { readonly listings: Listings };
  readonly listings: ListedSession;
}

const urlUnitsAtMost = 1000;

/** `why`: the session may not be listed, or the URL is not one of a list server. */
export type AnnounceRefused = Refused & { readonly why: 'unlisted' | 'badUrl' };

export function announce(
  session: AnnouncingSession,
  actor: Actor,
  url: string,
): Action<'announce'> | AnnounceRefused {
  const { listings } = session.needs;
  if (url.length > urlUnitsAtMost) return { why: 'badUrl', refused: reason('list-url-invalid') };
  if (session.options.unlisted) return { why: 'unlisted', refused: reason('listing-of-unlisted') };
  const refused = listings.refusal(url);
  if (refused !== undefined) return { why: 'badUrl', refused };
  const action = { kind: 'announce', actor, effect: { url } } as const;
  session.recordAction(action);
  // What a member gives is not trusted: such an address may lead inside, and a failure ends it.
  listings.announce(session.listings, url, memberOf(actor) ? 'member' : 'operator');
  return action;
}

/** `''`: everywhere. */
export function unlist(session: AnnouncingSession, actor: Actor, url: string): Action<'unlist'> {
  const action = { kind: 'unlist', actor, effect: { url } } as const;
  session.recordAction(action);
  session.needs.listings.unlist(session.listings, url);
  return action;
}
