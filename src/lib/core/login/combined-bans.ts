// Combines several ban lists: the first one with a matching ban decides.

import type { ServerBan, ServerBans } from './needs.js';

export class CombinedBans implements ServerBans {
  readonly #lists: readonly ServerBans[];

  constructor(lists: readonly ServerBans[]) {
    this.#lists = lists;
  }

  forAddress(ip: string): ServerBan | undefined {
    return this.#first((bans) => bans.forAddress(ip));
  }

  forSystem(sid: string): ServerBan | undefined {
    return this.#first((bans) => bans.forSystem(sid));
  }

  forUser(uid: number): ServerBan | undefined {
    return this.#first((bans) => bans.forUser(uid));
  }

  #first(ask: (bans: ServerBans) => ServerBan | undefined): ServerBan | undefined {
    for (const bans of this.#lists) {
      const ban = ask(bans);
      if (ban) return ban;
    }
    return undefined;
  }
}
