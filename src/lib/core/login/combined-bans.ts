// Bans from several lists as one: the first that has one for somebody counts.
import type { ServerBans } from './needs.js';

export function combineBans(...lists: readonly ServerBans[]): ServerBans {
  const first = <Found>(look: (list: ServerBans) => Found | undefined): Found | undefined => {
    for (const list of lists) {
      const found = look(list);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    forAddress: (ip) => first((list) => list.forAddress(ip)),
    forSystem: (sid) => first((list) => list.forSystem(sid)),
    forUser: (uid) => first((list) => list.forUser(uid)),
  };
}
