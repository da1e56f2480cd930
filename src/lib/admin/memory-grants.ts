// Tokens and logins of a server that keeps nothing: as long as it runs.

import { refusal } from '../core/errors.js';
import type { Grant, GrantStore } from './needs.js';

export function memoryGrants(): GrantStore {
  let grants: readonly Grant[] = [];
  let lastId = 0;
  return {
    all: () => grants,
    find: (digest) => grants.find((grant) => grant.digest === digest),
    add(grant) {
      grants = grants.filter(({ expires }) => expires === null || expires > grant.created);
      if (
        grant.kind === 'token' &&
        grants.some(({ kind, name }) => kind === 'token' && name === grant.name)
      ) {
        throw refusal('token-exists', { name: grant.name });
      }
      lastId += 1;
      const added: Grant = { ...grant, id: lastId, lastUsed: null, lastAddress: '' };
      grants = [...grants, added];
      return added;
    },
    use(id, when, address) {
      grants = grants.map((grant) =>
        grant.id === id ? { ...grant, lastUsed: when, lastAddress: address } : grant,
      );
    },
    remove(id) {
      const before = grants.length;
      grants = grants.filter((grant) => grant.id !== id);
      return grants.length < before;
    },
  };
}
