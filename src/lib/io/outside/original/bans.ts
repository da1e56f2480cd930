// Bans, over the admin API of an original (http.md §1), which has a list for each kind.

import type { BanView } from '../../../admin/ban-shapes.js';
import type { InputOf } from '../../../admin/operations.js';
import { formatSubnet, readStoredSubnet } from '../../../core/addresses.js';
import { Refusal, refusal } from '../../../core/errors.js';
import type { BanReaction } from '../../../core/login/needs.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { formatDateTime, lastMoment, parseDateTime } from '../../../core/units.js';
import { type Ask, lacking, rows, type Translation } from './translation.js';

const banPaths = { ip: 'banlist', client: 'systembans', user: 'userbans' } as const;
type Kind = keyof typeof banPaths;

function banView(kind: Kind, ban: JsonObject): BanView {
  const expires = parseDateTime(String(ban.expires));
  const added = parseDateTime(String(ban.added));
  const read =
    kind === 'ip' ? readStoredSubnet({ address: String(ban.ip), bits: Number(ban.subnet) }) : undefined;
  return {
    ref: `${kind}:${ban.id}`,
    kind,
    id: Number(ban.id),
    target:
      kind === 'ip'
        ? read && 'subnet' in read
          ? formatSubnet(read.subnet)
          : String(ban.ip)
        : String(kind === 'client' ? ban.sid : ban.userId),
    isActive: expires === undefined || expires > Date.now(),
    expires: expires === undefined || expires >= lastMoment ? null : expires,
    added: added ?? null,
    comment: String(ban.comment ?? ''),
    reason: String(ban.reason ?? ''),
    reaction: (ban.reaction ?? 'normal') as BanReaction,
  };
}

async function allBans(ask: Ask, only?: Kind): Promise<BanView[]> {
  const kinds = only === undefined ? (Object.keys(banPaths) as Kind[]) : [only];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return rows(await ask('GET', `${banPaths[kind]}/`)).map((ban) => banView(kind, ban));
      } catch (error) {
        // 2.1 has bans of addresses only
        if (kind !== 'ip' && error instanceof Refusal && error.kind === 'notFound') return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}

export const listBans: Translation<'ban.list'> = async (ask, input) => {
  if (input.address !== undefined) throw lacking('search for the bans of an address');
  return (await allBans(ask, input.kind)).filter(({ isActive }) => isActive || input.withExpired === true);
};

export const addBan: Translation<'ban.add'> = async (ask, input) => {
  const shared = { expires: formatDateTime(input.expires ?? lastMoment), comment: input.comment ?? '' };
  return banView(
    input.kind,
    (await ask('POST', `${banPaths[input.kind]}/`, banBody(input, shared))) as JsonObject,
  );
};

function banBody(input: InputOf<'ban.add'>, shared: JsonObject): JsonObject {
  if (input.kind === 'ip') return { ip: input.address, subnet: input.bits ?? 0, ...shared };
  const more = { ...shared, reaction: input.reaction ?? 'normal', reason: input.reason ?? '' };
  return input.kind === 'client' ? { sid: input.sid, ...more } : { userId: input.userId, ...more };
}

export const removeBans: Translation<'ban.remove'> = async (ask, input) => {
  const all = await allBans(ask);
  const chosen =
    'refs' in input
      ? input.refs.map(({ kind, id }) => {
          const ban = all.find((each) => each.kind === kind && each.id === id);
          if (ban) return ban;
          throw refusal('ban-not-found', { ban: `${kind}:${id}` });
        })
      : all.filter(({ isActive }) => isActive === (input.which === 'active'));
  for (const { kind, id } of chosen) await ask('DELETE', `${banPaths[kind]}/${id}`);
  return chosen;
};
