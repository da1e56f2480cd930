// How bans are named by who types them, and shown.

import type { BanPreview, BanView, SeenUser } from '../admin/ban-shapes.js';
import type { BanKind } from '../admin/needs.js';
import { formatSubnet, parseSubnet } from '../core/addresses.js';
import { refusal } from '../core/errors.js';
import { showMoment } from './moments.js';
import type { Column } from './tables.js';

export const banColumns: readonly Column<BanView>[] = [
  { title: 'ban', value: ({ ref }) => ref },
  { title: 'who', value: ({ target }) => target },
  {
    title: 'expires (UTC)',
    value: ({ expires, isActive }) => `${showMoment(expires, 'never')}${isActive ? '' : ' (expired)'}`,
  },
  { title: 'since', value: ({ added }) => showMoment(added, '') },
  { title: 'reaction', value: ({ reaction }) => (reaction === 'normal' ? '' : reaction) },
  { title: 'reason', value: ({ reason }) => reason },
  { title: 'comment', value: ({ comment }) => comment },
];

/** `ip:3`, or what is banned: an address, a subnet, a system id, an account number. */
export function findBans(bans: readonly BanView[], typed: string): [BanView, ...BanView[]] {
  const ref = /^(ip|client|user):(\d+)$/.exec(typed);
  const subnet = ref ? undefined : parseSubnet(typed);
  const target = subnet === undefined ? typed : formatSubnet(subnet);
  const found = bans.filter((ban) => (ref ? ban.ref === typed : ban.target === target));
  const [first, ...others] = found;
  if (first === undefined) throw refusal('ban-not-found', { ban: typed });
  return [first, ...others];
}

/** The one ban that is meant. */
export function findBan(bans: readonly BanView[], typed: string): { kind: BanKind; id: number } {
  const [first, ...others] = findBans(bans, typed);
  if (others.length > 0) {
    const found = [first, ...others];
    throw refusal('ban-ambiguous', {
      count: found.length,
      ban: typed,
      refs: found.map(({ ref }) => ref).join(' '),
    });
  }
  return first;
}

/** Effects of a ban that may be unexpected; no lines if there are none. */
export function describePreview(preview: BanPreview, typed: string): string[] {
  const { subnet, first, last, addresses, isSingle, seen } = preview;
  const lines: string[] = [];
  if (preview.isRounded && !isSingle) lines.push(`${typed} means ${subnet}.`);
  if (!isSingle)
    lines.push(`${subnet} covers ${withSeparators(addresses)} addresses, from ${first} to ${last}.`);
  if (preview.hasLoopback) lines.push('This machine is one of them.');
  if (seen.length > 0) lines.push(`Users seen there in the last 30 days: ${describeSeen(seen, isSingle)}.`);
  for (const { ref, target, expires } of preview.coveredBy) {
    lines.push(
      `${subnet} is already banned by ${ref} (${target}, until ${showMoment(expires, 'further notice')}).`,
    );
  }
  if (preview.covers.length > 0) {
    lines.push(`Bans that become redundant: ${preview.covers.map(({ ref }) => ref).join(' ')}.`);
  }
  return lines;
}

const shownNames = 8;

function describeSeen(seen: readonly SeenUser[], isSingle: boolean): string {
  const shown = seen
    .slice(0, shownNames)
    .map(({ name, address }) => (isSingle ? name : `${name} (${address})`));
  const more = seen.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whether somebody else may be hit than the one who was meant. */
export function isFarReaching({ isSingle, hasLoopback, seen }: BanPreview): boolean {
  return !isSingle || hasLoopback || new Set(seen.map(({ name }) => name)).size > 1;
}

/** 16777216 is hard to read. */
function withSeparators(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
