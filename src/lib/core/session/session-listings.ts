// The announcements of a session (sessions.md §21): the data for list servers, and the notices for users in the
// session. The listing port connects to the servers.

import type { Buffer } from 'node:buffer';
import { type DescribedSession, isClosed } from './description.js';
import { type FragmentsSession, sendFragments } from './fragments.js';
import type { Present } from './member.js';
import type { ListedSession, ListingFacts, Listings, LogLevel } from './needs.js';
import { replies } from './replies.js';
import type { SessionLogger } from './session-log-writer.js';

export interface ListableSession extends DescribedSession, Omit<FragmentsSession, 'people'>, SessionLogger {
  readonly needs: DescribedSession['needs'] & { readonly listings: Listings };
  readonly people: Pick<Present, 'members'> & DescribedSession['people'];
  readonly flow: { sendToAll(frame: Buffer): void };
}

export class SessionListings implements ListedSession {
  readonly #session: ListableSession;

  constructor(session: ListableSession) {
    this.#session = session;
  }

  get id(): string {
    return this.#session.id;
  }

  get urls(): readonly string[] {
    return this.#session.needs.listings.urls(this);
  }

  listingFacts(): ListingFacts {
    const session = this.#session;
    const { options } = session;
    return {
      id: session.id,
      alias: session.alias,
      protocol: session.protocol,
      title: options.title,
      users: session.people.count,
      // Nobody outside learns of a ghost.
      userNames: session.people.members.filter(({ isGhost }) => !isGhost).map(({ name }) => name),
      activeDrawingUsers: session.people.activeDrawerCount,
      hasPassword: session.password.isSet,
      founder: options.founder,
      isNsfm: options.nsfm,
      maxUsers: options.maxUserCount,
      isFull: isClosed(session),
      allowsWeb: options.allowWeb,
    };
  }

  listingsChanged(change: { added?: string; removed?: readonly string[] }): void {
    const session = this.#session;
    if (change.added !== undefined) session.write({ key: 'announce', url: change.added });
    for (const url of change.removed ?? []) session.write({ key: 'unannounce', url });
    sendFragments(session, ['announcements']);
  }

  listingMessage(text: string): void {
    this.#session.flow.sendToAll(replies.message(text));
  }

  listingLog(level: LogLevel, text: string): void {
    this.#session.writeLog(level, 'PubList', text);
  }

  changed(): void {
    this.#session.needs.listings.changed(this);
  }

  ended(): void {
    this.#session.needs.listings.ended(this);
  }
}
