// Operations on access to a session: its passwords and invites.

import { refusal } from '../core/errors.js';
import { inviteUsesAtMost } from '../core/session/invites.js';
import { createInvite, removeInvite } from '../core/session/inviting.js';
import { requireLive } from './live.js';
import { type AdminNeeds, actorFor, change, look } from './operation.js';
import { described, flag, integer, list, object, oneWord, type Static, text, within } from './schema.js';
import { describeInvite, requireSession } from './session-actions.js';
import { inSession, newInvite, session, sessionInvite } from './session-shapes.js';

const inviteInput = object(
  { session },
  { maxUses: within(integer, { minimum: 1, maximum: inviteUsesAtMost }), trust: flag, op: flag },
);
const oneInvite = object({ session, secret: text });

const section = 'sessions';

export const sessionEntryOperations = {
  'session.verify': look({
    summary: 'Check a password of a session',
    role: 'administrator',
    input: object(
      { session, password: text },
      { which: described(oneWord('join', 'operator'), 'left out: the one to join with') },
    ),
    output: object({ isSet: flag, matches: described(flag, 'true also where none is needed to join') }),
    run: verifyPassword,
  }),
  'session.invites': look({
    summary: 'List the invites of a session',
    role: 'administrator',
    input: inSession,
    output: list(sessionInvite),
    run: async (needs, input) =>
      (await requireSession(requireLive(needs), input.session)).invites.all.map(describeInvite),
  }),
  'session.invite': change(section, {
    summary: 'Create an invite to a session',
    input: inviteInput,
    output: newInvite,
    run: inviteToSession,
  }),
  'session.uninvite': change(section, {
    summary: 'Remove an invite',
    input: oneInvite,
    output: object({ secret: text }),
    run: uninvite,
  }),
};

async function verifyPassword(
  needs: AdminNeeds,
  input: { session: string; password: string; which?: 'join' | 'operator' },
): Promise<{ isSet: boolean; matches: boolean }> {
  const session = await requireSession(requireLive(needs), input.session);
  const isJoin = input.which !== 'operator';
  const kept = isJoin ? session.password : session.opword;
  if (isJoin && !kept.isSet) return { isSet: false, matches: true };
  const matches = await new Promise<boolean | undefined>((resolve) => kept.verify(input.password, resolve));
  if (matches === undefined) throw refusal('password-check-busy');
  return { isSet: kept.isSet, matches };
}

async function inviteToSession(
  needs: AdminNeeds,
  input: Static<typeof inviteInput>,
): Promise<Static<typeof newInvite>> {
  const session = await requireSession(requireLive(needs), input.session);
  const made = createInvite(session, actorFor(needs), {
    maxUses: input.maxUses ?? 1,
    trust: input.trust ?? false,
    op: input.op ?? false,
  });
  if ('refused' in made) throw refusal('invite-refused', { problem: made.refused });
  return { ...describeInvite(made.effect.invite), session: session.id };
}

async function uninvite(needs: AdminNeeds, input: Static<typeof oneInvite>): Promise<{ secret: string }> {
  const session = await requireSession(requireLive(needs), input.session);
  if ('refused' in removeInvite(session, actorFor(needs), input.secret)) {
    throw refusal('invite-not-found', { invite: input.secret });
  }
  return { secret: input.secret };
}
