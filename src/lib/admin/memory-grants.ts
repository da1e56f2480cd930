// Tokens and logins of a server without storage, in memory.

import { refusal } from '../core/errors.js';
import { type Grant, type GrantStore, keepExpiredMs, loginsAtMost } from './needs.js';

export function memoryGrants(): GrantStore {
  let grants: readonly Grant[] = [];
  let lastId = 0;
  return {
    all: () => grants,
    find: (digest) => grants.find((grant) => grant.digest === digest),
    add(grant) {
      grants = grants.filter(({ kind, name, expires }) => {
        const isReplaced = kind === 'token' && grant.kind === kind && grant.name === name;
        if (expires === null || (kind === 'token' && !isReplaced)) return true;
        return expires > grant.created - (isReplaced ? 0 : keepExpiredMs);
      });
      if (
        grant.kind === 'token' &&
        grants.some(({ kind, name }) => kind === 'token' && name === grant.name)
      ) {
        throw refusal('token-exists', { name: grant.name });
      }
      lastId += 1;
      if (grant.kind !== 'token') {
        const others = grants.filter(({ kind, name }) => kind === grant.kind && name === grant.name);
        const surplus = new Set(others.slice(0, Math.max(0, others.length + 1 - loginsAtMost)));
        grants = grants.filter((known) => !surplus.has(known));
      }
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
