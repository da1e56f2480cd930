// The users who were seen on this server: those who are connected, and those in the log of the last days.

import { isInSubnet, parseAddress, parseSubnet } from '../core/addresses.js';
import { isSameName } from '../core/names.js';
import { dayMs, latelyDays } from './ban-addresses.js';
import { type AdminNeeds, look } from './operation.js';
import { describePerson } from './people.js';
import {
  described,
  flag,
  integer,
  list,
  moment,
  notEmpty,
  object,
  type Static,
  text,
  within,
} from './schema.js';

/** Of the log: what is older is not looked at where there is more. */
const entriesAtMost = 50_000;
const shownAtMost = 500;
const sessionsAtMost = 20;

const seenInput = object(
  { text: described(notEmpty, 'part of a name, an address or a system id; or a network such as 10.0.0.0/8') },
  {
    isExact: described(flag, 'the text is the complete name, address or system id'),
    days: described(within(integer, { minimum: 1, maximum: 3650 }), `how far back; left out: ${latelyDays}`),
  },
);

const seenPerson = object({
  name: text,
  address: text,
  clients: described(list(text), 'system ids, of those who are connected or were reported'),
  sessions: described(list(text), 'ids of sessions, the latest first'),
  firstSeen: described(moment, 'milliseconds since 1970, within the days that were asked for'),
  lastSeen: moment,
  isOnline: flag,
});
type SeenPerson = Static<typeof seenPerson>;

export const seenOperations = {
  'user.find': look({
    summary: 'Find people who were seen on this server',
    role: 'moderator',
    input: seenInput,
    output: described(
      list(seenPerson),
      'one entry for each name at each address, who is here first, then the latest',
    ),
    run: findPeople,
  }),
};

interface Seen {
  name: string;
  address: string;
  clients: Set<string>;
  sessions: Set<string>;
  firstSeen: number;
  lastSeen: number;
  isOnline: boolean;
}

/** The latest first; one row for each name at each address. */
async function findPeople(
  { stores, live, now }: AdminNeeds,
  { text, isExact = false, days = latelyDays }: Static<typeof seenInput>,
): Promise<SeenPerson[]> {
  const wanted = matcher(text.trim(), isExact);
  const found = new Map<string, Seen>();
  const see = (name: string, address: string, when: number): Seen | undefined => {
    if (name === '') return undefined;
    const key = `${name}\n${address}`;
    const known = found.get(key);
    if (known) {
      known.firstSeen = Math.min(known.firstSeen, when);
      known.lastSeen = Math.max(known.lastSeen, when);
      return known;
    }
    const seen: Seen = {
      name,
      address,
      clients: new Set(),
      sessions: new Set(),
      firstSeen: when,
      lastSeen: when,
      isOnline: false,
    };
    found.set(key, seen);
    return seen;
  };
  const connected =
    live === undefined ? [] : Array.from(live.peers.all, (peer) => describePerson(live, peer));
  for (const { name, ip, s: sid, session } of connected) {
    if (!wanted(name, ip, sid)) continue;
    const seen = see(name, ip, now());
    if (!seen) continue;
    seen.isOnline = true;
    if (sid !== '') seen.clients.add(sid);
    if (session !== undefined) seen.sessions.add(session);
  }
  for (const { about, session, when } of (await stores.reports?.query({})) ?? []) {
    if (!about || !wanted(about.name, about.address, about.sid)) continue;
    const seen = see(about.name, about.address, when);
    if (about.sid !== '') seen?.clients.add(about.sid);
    seen?.sessions.add(session);
  }
  const from = now() - days * dayMs;
  for (const { user, session, time } of (await stores.log?.query({
    from,
    order: 'newest',
    limit: entriesAtMost,
  })) ?? []) {
    if (user === undefined || !wanted(user.name, user.ip, '')) continue;
    const seen = see(user.name, user.ip, time);
    if (session !== undefined && seen && seen.sessions.size < sessionsAtMost) seen.sessions.add(session);
  }
  return [...found.values()]
    .sort(byOnlineAndLastSeen)
    .slice(0, shownAtMost)
    .map((seen) => ({ ...seen, clients: [...seen.clients], sessions: [...seen.sessions] }));
}

/** Who is here comes first, by name: all of them were seen just now. */
function byOnlineAndLastSeen(a: Seen, b: Seen): number {
  if (a.isOnline && b.isOnline) return a.name < b.name ? -1 : 1;
  if (a.isOnline !== b.isOnline) return a.isOnline ? -1 : 1;
  return b.lastSeen - a.lastSeen;
}

function matcher(text: string, isExact: boolean): (name: string, address: string, sid: string) => boolean {
  const subnet = text.includes('/') ? parseSubnet(text) : undefined;
  if (subnet !== undefined) {
    return (_name, address) => {
      const parsed = parseAddress(address);
      return parsed !== undefined && isInSubnet(parsed, subnet);
    };
  }
  const words = text.toLowerCase();
  if (isExact) {
    return (name, address, sid) => isSameName(name, text) || address === words || sid === words;
  }
  return (name, address, sid) =>
    name.toLowerCase().includes(words) || address.includes(words) || (sid !== '' && sid.includes(words));
}
