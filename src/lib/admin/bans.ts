// Operations on server bans: of addresses, of clients (by system id), of users (by account number at the external
// login server). A ban is named by its kind and id, `ip:3`.

import { formatAddress, isSingleAddress } from '../core/addresses.js';
import { type Refusal, refusal } from '../core/errors.js';
import { autoBan } from './auto-ban.js';
import { explainAddress, previewBan } from './ban-addresses.js';
import {
  addressExplanation,
  autoBanned,
  autoBanRules,
  type BanView,
  banChoice,
  banEdit,
  banFilter,
  banPreview,
  banRequest,
  banView,
  oneAddress,
  subnet,
} from './ban-shapes.js';
import type { BanChange, NewBan, StoredBan, Stores } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
import { list, type Static } from './schema.js';
import { gone, isActive, matches, requireAddress, requireBan, requireSubnet, viewOf } from './stored-bans.js';

export const banOperations = {
  'ban.list': look({
    summary: 'Bans of addresses, clients and users',
    role: 'moderator',
    input: banFilter,
    output: list(banView),
    run: listBans,
  }),
  'ban.preview': look({
    summary: 'What a ban of an address would cover',
    role: 'moderator',
    input: subnet,
    output: banPreview,
    run: previewBan,
  }),
  'ban.explain': look({
    summary: 'Which bans match an address, and why',
    role: 'moderator',
    input: oneAddress,
    output: addressExplanation,
    run: explainAddress,
  }),
  'ban.add': change('bans', {
    summary: 'Ban an address, a client or a user',
    role: 'moderator',
    input: banRequest,
    output: banView,
    run: addBan,
  }),
  'ban.change': change('bans', {
    summary: 'Change expiry, reason or comment of a ban',
    role: 'moderator',
    input: banEdit,
    output: banView,
    run: changeBan,
  }),
  'ban.remove': change('bans', {
    summary: 'Remove bans',
    role: 'moderator',
    input: banChoice,
    output: list(banView),
    run: removeBans,
  }),
  'ban.auto': change('bans', {
    summary: 'Ban addresses that were banned from several sessions',
    input: autoBanRules,
    output: list(autoBanned),
    run: autoBan,
  }),
};

export async function listBans(
  { stores, now }: AdminNeeds,
  input: Static<typeof banFilter>,
): Promise<BanView[]> {
  const address = input.address === undefined ? undefined : requireAddress(input.address);
  if (address !== undefined && input.kind !== undefined && input.kind !== 'ip') {
    throw refusal('ban-without-address', { kind: input.kind });
  }
  return (await stores.bans.all())
    .filter((ban) => input.kind === undefined || ban.kind === input.kind)
    .filter((ban) => address === undefined || (ban.kind === 'ip' && matches(ban, address)))
    .map((ban) => viewOf(ban, now()))
    .filter(({ isActive }) => isActive || input.withExpired === true);
}

export async function addBan(needs: AdminNeeds, input: Static<typeof banRequest>): Promise<BanView> {
  const { stores, now } = needs;
  const comment = input.comment ?? '';
  const expires = input.expires ?? undefined;
  requireExpiring(needs, expires);
  const details = { expires, comment };
  if (!stores.bans.keepsDetails && (expires !== undefined || comment !== '')) throw noDetails();
  const ban = await stores.bans.add(newBan(input, details, stores));
  // the same subnet had a ban that is over: stores give that one back as it was, and nobody would be banned
  const isRenewed = !isActive(ban, now()) && (expires === undefined || expires > now());
  if (!isRenewed) return viewOf(ban, now());
  await stores.bans.change(ban.kind, ban.id, details);
  return viewOf({ ...ban, ...details }, now());
}

function newBan(
  input: Static<typeof banRequest>,
  details: { expires: number | undefined; comment: string },
  stores: Stores,
): NewBan {
  if (input.kind === 'ip') {
    const subnet = requireSubnet(input.address, input.bits);
    const address = formatAddress(requireAddress(input.address));
    return { kind: 'ip', address, bits: isSingleAddress(subnet) ? 0 : subnet.bits, ...details };
  }
  const reason = input.reason ?? '';
  if (!stores.bans.keepsDetails && reason !== '') throw noDetails();
  const reaction = input.reaction ?? 'normal';
  if (input.kind === 'client') {
    return { kind: 'client', sid: input.sid.trim(), reaction, reason, ...details };
  }
  return { kind: 'user', userId: input.userId, reaction, reason, ...details };
}

function noDetails(): Refusal {
  return refusal('bans-without-details');
}

export async function changeBan(needs: AdminNeeds, input: Static<typeof banEdit>): Promise<BanView> {
  const { stores, now } = needs;
  const { kind, id } = input;
  const { expires, ...rest } = input.change;
  const change: BanChange = { ...rest, ...(expires === undefined ? {} : { expires: expires ?? undefined }) };
  const before = await requireBan(stores, kind, id);
  requireExpiring(needs, before.expires);
  if ('expires' in change) requireExpiring(needs, change.expires);
  if (!stores.bans.keepsDetails && (change.expires || change.comment || change.reason)) throw noDetails();
  if (kind === 'ip' && (change.reason !== undefined || change.reaction !== undefined)) {
    throw refusal('ban-address-with-reason');
  }
  if (!(await stores.bans.change(kind, id, change))) throw gone(kind, id);
  return viewOf({ ...before, ...change } as StoredBan, now());
}

/** What to lift: single bans, everything, or what has ended. All or none of the named ones. */
/** Refusal where a moderator deals with a ban that never expires: those are the administrators'. */
function requireExpiring({ caller }: AdminNeeds, expires: number | undefined): void {
  if (caller?.role === 'moderator' && expires === undefined) {
    throw refusal('ban-permanent', { caller: caller.name });
  }
}

async function removeBans(needs: AdminNeeds, input: Static<typeof banChoice>): Promise<BanView[]> {
  const { stores, now } = needs;
  const all = await stores.bans.all();
  const chosen =
    'which' in input
      ? all.filter((ban) => isActive(ban, now()) === (input.which === 'active'))
      : await Promise.all(input.refs.map(({ kind, id }) => requireBan(stores, kind, id)));
  for (const { expires } of chosen) requireExpiring(needs, expires);
  if (chosen.length > 0) await stores.bans.remove(chosen.map(({ kind, id }) => ({ kind, id })));
  return chosen.map((ban) => viewOf(ban, now()));
}
