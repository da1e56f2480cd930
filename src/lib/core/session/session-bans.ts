// The bans of one session (sessions.md §17), as data.
import { formatAddress, isLoopback, parseAddress } from '../addresses.js';
import { isSameName } from '../names.js';
import { rememberedBytes, type SessionBan } from './saved.js';

export const banLimit = 1000;
/** Names, ids and addresses are shorter: a longer text matches nobody. */
const textUnitsAtMost = 255;

/** What is known of a person, in the terms of a ban. */
export interface BannablePerson {
  username: string;
  authId: string;
  /** As text; IPv4 or IPv6. */
  ip: string;
  sid: string;
}

/** IPv4 in its mapped IPv6 form; loopback and unknown addresses as ''. */
export function banAddress(ip: string): string {
  const address = parseAddress(ip);
  if (address === undefined || isLoopback(address)) return '';
  return address.length === 4 ? `::ffff:${formatAddress(address)}` : formatAddress(address);
}

const bytesOf = ({ username, authId, ip, sid, bannedBy }: SessionBan): number =>
  rememberedBytes(username, authId, ip, sid, bannedBy);

/** Why a ban is not added. */
export type BanRefusal = 'full' | 'useless';

export class SessionBans {
  readonly #bans: SessionBan[];
  /** The id given last: they are not used again. */
  #lastId: number;

  /** Bytes that they use in the journal, and the limit. */
  #bytes: number;
  readonly #bytesAtMost: () => number;

  constructor(bans: readonly SessionBan[] = [], bytesAtMost: () => number = () => Number.POSITIVE_INFINITY) {
    this.#bytesAtMost = bytesAtMost;
    this.#bytes = bans.reduce((sum, ban) => sum + bytesOf(ban), 0);
    this.#bans = [...bans];
    this.#lastId = bans.reduce((most, { id }) => Math.max(most, id), 0);
  }

  get all(): readonly SessionBan[] {
    return this.#bans;
  }

  /**
   * Adds a ban; what the banned person shares with `by` is left out, so that nobody bans themselves.
   * `useless`: nothing is left to match, a text is longer than any that could match, or a ban covers it already.
   */
  add(person: BannablePerson, by: BannablePerson | undefined, bannedBy: string): SessionBan | BanRefusal {
    if (this.#bans.length >= banLimit) return 'full';
    const ban: SessionBan = {
      id: this.#lastId + 1,
      username: by && isSameName(person.username, by.username) ? '' : person.username,
      authId: person.authId === by?.authId ? '' : person.authId,
      ip: banAddress(person.ip),
      sid: person.sid === by?.sid ? '' : person.sid,
      bannedBy,
    };
    if (by && ban.ip === banAddress(by.ip)) ban.ip = '';
    if (!ban.username && !ban.authId && !ban.ip && !ban.sid) return 'useless';
    const texts = [ban.username, ban.authId, ban.ip, ban.sid, ban.bannedBy];
    if (texts.some((text) => text.length > textUnitsAtMost)) return 'useless';
    if (this.#bans.some((known) => this.#covers(known, ban))) return 'useless';
    const bytes = this.#bytes + bytesOf(ban);
    if (bytes > this.#bytesAtMost()) return 'full';
    this.#bytes = bytes;
    this.#bans.push(ban);
    this.#lastId = ban.id;
    return ban;
  }

  #covers(known: SessionBan, ban: SessionBan): boolean {
    return (
      (!ban.username || isSameName(ban.username, known.username)) &&
      (!ban.authId || ban.authId === known.authId) &&
      (!ban.ip || ban.ip === banAddress(known.ip)) &&
      (!ban.sid || ban.sid === known.sid)
    );
  }

  /** The removed ban, or undefined when there was none with this id. */
  remove(id: number): SessionBan | undefined {
    const at = this.#bans.findIndex((ban) => ban.id === id);
    const [ban] = at < 0 ? [] : this.#bans.splice(at, 1);
    if (ban) this.#bytes -= bytesOf(ban);
    return ban;
  }

  /** The first ban of which any part fits. */
  find(person: BannablePerson): SessionBan | undefined {
    const ip = banAddress(person.ip);
    return this.#bans.find(
      (ban) =>
        (ban.username !== '' && isSameName(ban.username, person.username)) ||
        (ban.authId !== '' && ban.authId === person.authId) ||
        // stored and imported bans may have other spellings
        (ip !== '' && banAddress(ban.ip) === ip) ||
        (ban.sid !== '' && ban.sid === person.sid),
    );
  }
}
