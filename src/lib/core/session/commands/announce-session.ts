// announce-session [url]: lists the session at a listing server (sessions.md §8, §21).
import type { ListedSession, Listings } from '../needs.js';
import type { SessionCommand } from './command.js';

const urlUnitsAtMost = 1000;

export interface AnnounceRoom {
  readonly options: { readonly unlisted: boolean };
  readonly needs: { readonly listings: Listings };
  readonly listings: ListedSession;
}

export const announceSession: SessionCommand<AnnounceRoom> = {
  right: 'operator',
  argCount: 1,
  run({ session, args, kwargs }) {
    const url = args[0];
    if (typeof url !== 'string' || url.length > urlUnitsAtMost) return 'Invalid API URL';
    if (kwargs.private === true) return 'Private listings are not supported';
    if (session.options.unlisted) return 'This session is unlisted, it cannot be announced';
    const { listings } = session.needs;
    const refusal = listings.refusal(url);
    if (refusal !== undefined) return refusal;
    listings.announce(session.listings, url);
    return undefined;
  },
};
