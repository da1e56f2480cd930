// What everybody may see of the sessions on a server without logging in: the rules of the public page. The page
// contains nothing that is not built here.

import { publicPageOf } from '../settings/public-page.js';
import type { SettingsReader } from '../settings/settings.js';
import type { SessionDescription } from './description.js';
import { isValidAlias, looksLikeId } from './session-id.js';

/** What is left of a session with a password is that it is there. */
export interface PublicSession {
  /** What links call it. */
  readonly name: string;
  readonly title: string;
  readonly isNsfm: boolean;
  readonly hasPassword: boolean;
  /** Browsers may join, as far as the session and the server allow it. */
  readonly takesBrowsers: boolean;
  readonly prefersWebSockets: boolean;
  /** Id of the session, where the page may show the newest picture of it: only of what it lists to everybody. */
  readonly pictureOf: string | undefined;
  /** Undefined: behind a password. */
  readonly facts: PublicFacts | undefined;
}

export interface PublicFacts {
  readonly users: number;
  readonly maxUsers: number;
  /** Empty: there is nobody, or names are private. */
  readonly userNames: readonly string[];
  /** '' where names are private. */
  readonly founder: string;
  readonly isClosed: boolean;
  readonly needsAccount: boolean;
}

/** A session, and who finds it. */
export interface FoundPublicly {
  readonly session: PublicSession;
  /** Not by its name alone. */
  readonly isUnlisted: boolean;
  hasInvite(secret: string): boolean;
}

export interface PublicSessions {
  /** The page has a list at all. */
  readonly isListing: boolean;
  /** Those that the page lists, whatever is marked NSFM included. */
  readonly listed: readonly PublicSession[];
  /** What a link leads to; undefined both for what does not exist and for what is private. */
  find(name: string, invite: string | undefined): PublicSession | undefined;
}

interface ViewedSession {
  readonly people: { readonly members: readonly { readonly name: string; readonly isGhost: boolean }[] };
  readonly invites: {
    find(secret: string): { readonly uses: readonly unknown[]; readonly maxUses: number } | undefined;
  };
}

export interface ViewedDirectory {
  describeAll(seesUnlisted: boolean): readonly SessionDescription[];
  find(id: string): ViewedSession | undefined;
}

/** Everything at one moment. */
export function viewPublicly(
  directory: ViewedDirectory,
  settings: Pick<SettingsReader, 'get'>,
): PublicSessions {
  const byName = new Map<string, FoundPublicly>();
  const listed: PublicSession[] = [];
  const showsList = publicPageOf(settings) === 'sessions' && !settings.get('mandatoryLookup');
  // Where guests are not let in, a name that somebody guessed is not enough.
  const isAliasEnough = showsList || settings.get('allowGuests');
  for (const description of directory.describeAll(true)) {
    const { id, alias } = description;
    const openSession = id === undefined ? undefined : directory.find(id);
    const isUnlisted = description.unlisted === true;
    const session = viewOf(description, openSession, {
      areNamesPrivate: settings.get('privateUserList'),
      isListed: showsList && !isUnlisted,
    });
    if (!isValidAlias(session.name) && !looksLikeId(session.name)) continue;
    const hasInvite = (secret: string) => isOpenInvite(openSession, secret);
    const found = { session, isUnlisted, hasInvite };
    if (id !== undefined) byName.set(id.toLowerCase(), found);
    if (alias !== '') byName.set(alias, { ...found, isUnlisted: isUnlisted || !isAliasEnough });
    if (showsList && !isUnlisted) listed.push(session);
  }
  listed.sort(
    (a, b) =>
      (b.facts?.users ?? 0) - (a.facts?.users ?? 0) || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0),
  );
  return {
    isListing: showsList,
    listed,
    find(name, invite) {
      const found = byName.get(looksLikeId(name) ? name.toLowerCase() : name);
      if (!found) return undefined;
      const isOpen = !found.isUnlisted || (invite !== undefined && found.hasInvite(invite));
      return isOpen ? found.session : undefined;
    },
  };
}

function isOpenInvite(openSession: ViewedSession | undefined, secret: string): boolean {
  const invite = openSession?.invites.find(secret);
  return invite !== undefined && invite.uses.length < invite.maxUses;
}

function viewOf(
  description: SessionDescription,
  openSession: ViewedSession | undefined,
  { areNamesPrivate, isListed }: { areNamesPrivate: boolean; isListed: boolean },
): PublicSession {
  const { id = '', alias, hasPassword } = description;
  // Nobody learns of a ghost here, not even by counting.
  const present = (openSession?.people.members ?? []).filter(({ isGhost }) => !isGhost);
  return {
    name: alias || id,
    title: description.title,
    isNsfm: description.nsfm,
    hasPassword,
    takesBrowsers: description.allowWeb === true,
    prefersWebSockets: description.preferWebSockets === true,
    pictureOf: isListed && !hasPassword && !description.nsfm && id !== '' ? id : undefined,
    facts: hasPassword
      ? undefined
      : {
          users: present.length,
          maxUsers: description.maxUserCount,
          userNames: areNamesPrivate ? [] : present.map(({ name }) => name),
          founder: areNamesPrivate ? '' : description.founder,
          isClosed: description.closed === true,
          needsAccount: description.authOnly,
        },
  };
}
