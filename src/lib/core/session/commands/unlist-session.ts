// unlist-session [url]: takes a listing back; '' takes all back (sessions.md §8).
import { textOf } from '../../protocol/command.js';
import type { ListedSession, Listings } from '../needs.js';
import type { SessionCommand } from './command.js';

export interface UnlistRoom {
  readonly needs: { readonly listings: Listings };
  readonly listings: ListedSession;
}

export const unlistSession: SessionCommand<UnlistRoom> = {
  right: 'operator',
  argCount: 1,
  run({ session, args }) {
    session.needs.listings.unlist(session.listings, textOf(args[0]));
    return undefined;
  },
};
