// Operations on the locks of sections: parts of the data that cannot be changed over HTTP (http.md §1.4).

import { refusal } from '../core/errors.js';
import { difference } from '../core/session/change.js';
import { type LiveServer, lockableSections, requireLive } from './live.js';
import { type AdminNeeds, change, look } from './operation.js';
import { record } from './recording.js';
import { described, flag, list, nothing, object, oneWord, type Static, text } from './schema.js';

const names = list(oneWord(...lockableSections));
const lockView = object({
  isSupported: described(flag, 'false: this server cannot store locks'),
  hasPassword: flag,
  sections: described(names, 'the locked sections'),
});
export type Locks = Static<typeof lockView>;

const lockInput = object(
  { sections: described(names, 'all sections to lock; empty: unlock') },
  { password: described(text, 'the password of the present locks, and of the new ones') },
);

export const lockOperations = {
  'server.locks': look({
    summary: 'List sections that cannot be changed over HTTP',
    input: nothing,
    output: lockView,
    run: async (needs) => describeLocks(requireLive(needs)),
  }),
  'server.lock': change(undefined, {
    summary: 'Lock and unlock sections against changes over HTTP',
    input: lockInput,
    output: lockView,
    run: lockSections,
  }),
};

function describeLocks({ locks }: LiveServer): Locks {
  const { isSupported } = locks;
  const { passwordHash, sections } = locks.get();
  const known = lockableSections.filter((name) => sections.includes(name));
  return { isSupported, hasPassword: passwordHash !== '', sections: known };
}

async function lockSections(needs: AdminNeeds, input: Static<typeof lockInput>): Promise<Locks> {
  const live = requireLive(needs);
  const { passwords } = needs;
  const { password = '' } = input;
  if (!live.locks.isSupported) throw refusal('sections-not-lockable');
  const { passwordHash } = live.locks.get();
  if (passwordHash !== '' && !(await passwords.verify(password, passwordHash))) {
    const message = 'Incorrect admin section unlock password entered';
    live.log.write({ time: live.clock.now(), level: 'error', topic: 'Status', message });
    throw refusal('locks-password-wrong');
  }
  const before = { ...describeLocks(live) };
  const sections = lockableSections.filter((name) => input.sections.includes(name));
  const hasPassword = sections.length > 0 && password !== '';
  await live.locks.set({
    sections,
    passwordHash: hasPassword ? await passwords.hash(password, 'argon2id') : '',
  });
  const after = describeLocks(live);
  const on = { kind: 'locks', name: '' } as const;
  const words =
    sections.length === 0
      ? 'Admin sections unlocked'
      : `Admin sections locked (with${hasPassword ? '' : 'out'} password): ${sections.join(', ')}`;
  await record(needs, { on, ...difference(before, after) }, words);
  return after;
}
