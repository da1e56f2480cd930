// Announcing a session at list servers and withdrawing that (sessions.md §8, §21), for every caller. Whether it comes
// to stand is reported by the listing port itself.
import { type Actor, memberOf } from './actor.js';
import type { Deed, Deeds, Refused } from './deeds.js';
import type { ListedSession, Listings } from './needs.js';

export interface AnnouncingSession extends Deeds {
  readonly options: { readonly unlisted: boolean };
  readonly needs: { readonly listings: Listings };
  readonly listings: ListedSession;
}

const urlUnitsAtMost = 1000;

/** What is refused is a wish that this session may not have, or no address at all. */
export type AnnounceRefused = Refused & { readonly why: 'unlisted' | 'badUrl' };

export function announce(
  session: AnnouncingSession,
  actor: Actor,
  url: string,
): Deed<'announce'> | AnnounceRefused {
  const { listings } = session.needs;
  if (url.length > urlUnitsAtMost) return { why: 'badUrl', refused: 'Invalid API URL' };
  if (session.options.unlisted)
    return { why: 'unlisted', refused: 'This session is unlisted, it cannot be announced' };
  const refused = listings.refusal(url);
  if (refused !== undefined) return { why: 'badUrl', refused };
  const deed = { action: 'announce', actor, effect: { url } } as const;
  session.did(deed);
  // What a member gives is not trusted: such an address may lead inside, and a failure ends it.
  listings.announce(session.listings, url, memberOf(actor) ? 'member' : 'operator');
  return deed;
}

/** `''`: everywhere. */
export function unlist(session: AnnouncingSession, actor: Actor, url: string): Deed<'unlist'> {
  const deed = { action: 'unlist', actor, effect: { url } } as const;
  session.did(deed);
  session.needs.listings.unlist(session.listings, url);
  return deed;
}
