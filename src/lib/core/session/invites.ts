// Invite codes of one session (sessions.md §18): making, removing and using them.

import { formatTimestamp } from '../units.js';
import type { Random } from './needs.js';
import type { Invite } from './saved.js';
import { makeShortId } from './session-id.js';

export const inviteLimit = 50;
export const inviteUsesAtMost = 50;

export type InviteUseResult = { invite: Invite; isNew: boolean } | 'notFound' | 'limitReached' | 'noSystemId';

export class Invites {
  readonly #invites: Invite[];

  constructor(invites: readonly Invite[] = []) {
    this.#invites = [...invites];
  }

  get all(): readonly Invite[] {
    return this.#invites;
  }

  find(secret: string): Invite | undefined {
    return this.#invites.find((invite) => invite.secret === secret);
  }

  /** Returns undefined at the maximum number of invites. */
  create(
    options: { creator: string; maxUses: number; trust: boolean; op: boolean },
    nowMs: number,
    random: Random,
  ): Invite | undefined {
    if (this.#invites.length >= inviteLimit) return undefined;
    let secret = makeShortId(nowMs, random);
    while (this.find(secret)) secret = makeShortId(nowMs, random);
    const invite: Invite = {
      secret,
      creator: options.creator,
      at: formatTimestamp(nowMs),
      maxUses: Math.min(Math.max(options.maxUses, 1), inviteUsesAtMost),
      trust: options.trust,
      op: options.op,
      uses: [],
    };
    this.#invites.push(invite);
    return invite;
  }

  remove(secret: string): Invite | undefined {
    const at = this.#invites.findIndex((invite) => invite.secret === secret);
    return at < 0 ? undefined : this.#invites.splice(at, 1)[0];
  }

  removeOldest(): Invite | undefined {
    return this.#invites.shift();
  }

  /** Whether this system id may join with this secret now. Changes nothing. */
  check(secret: string, sid: string): InviteUseResult {
    if (sid === '') return 'noSystemId';
    const invite = this.find(secret);
    if (!invite) return 'notFound';
    if (invite.uses.some((use) => use.sid === sid)) return { invite, isNew: false };
    return invite.uses.length < invite.maxUses ? { invite, isNew: true } : 'limitReached';
  }

  /** Records that someone came in; true when that changed something worth remembering. */
  use(invite: Invite, sid: string, name: string, nowMs: number): boolean {
    const known = invite.uses.find((use) => use.sid === sid);
    if (!known) {
      invite.uses.push({ sid, name, at: formatTimestamp(nowMs) });
      return true;
    }
    if (known.name === name) return false;
    known.name = name;
    return true;
  }
}
