// Everyone who is connected, bans, accounts (http.md §1.8, §1.9, §1.11).

import type { BanView } from '../../../admin/ban-shapes.js';
import type { BanKind, NewBan } from '../../../admin/needs.js';
import type { InputOf } from '../../../admin/operations.js';
import type { AccountView } from '../../../admin/users.js';
import {
  canonicalAddress,
  formatAddress,
  isSingleAddress,
  readStoredSubnet,
  readSubnet,
} from '../../../core/addresses.js';
import type { BanReaction } from '../../../core/login/needs.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { formatDateTime, lastMoment, parseDateTime, userNameProblem } from '../../../core/units.js';
import { flagOf, requestNumber, textOf, textProblem, wantsObject } from './coercion.js';
import { type Answer, answered, type Call, failed, notFound, type OriginalRoute, ok } from './route.js';
import { kicked } from './sessions.js';

const userRoutes: readonly OriginalRoute[] = [
  {
    path: 'users',
    summary: 'Everyone who is connected',
    section: 'sessions',
    methods: {
      GET: async ({ isLocked, run, input }) => {
        const users = await run('online.list', {});
        return ok(wantsObject(input) ? { users, _locked: isLocked('sessions') } : users);
      },
      DELETE: notFound,
    },
  },
  {
    path: 'users/:uid',
    summary: 'One connection',
    section: 'sessions',
    methods: {
      GET: ({ isLocked, params, run }) =>
        answered(
          run('online.get', { uid: params.uid ?? '' }).then((person) =>
            ok({ ...person, _locked: isLocked('sessions') }),
          ),
          { notFound: notFound() },
        ),
      DELETE: ({ run, params, input }) =>
        kicked(run('online.kick', { uid: params.uid ?? '', message: textOf(input.message) })),
    },
  },
];

// ---- bans ---------------------------------------------------------------------------------------------

const reactions: readonly string[] = ['normal', 'neterror', 'garbage', 'hang', 'timer'];

function describeBan(ban: BanView): JsonObject {
  const shared = {
    id: ban.id,
    comment: ban.comment,
    expires: formatDateTime(ban.expires ?? lastMoment),
    added: ban.added === null ? '' : formatDateTime(ban.added),
  };
  const { reaction, reason, target } = ban;
  switch (ban.kind) {
    case 'ip':
      return { ...shared, ...addressOfBan(ban.stored ?? { address: target, bits: 0 }) };
    case 'client':
      return { ...shared, sid: target, reaction, reason };
    case 'user':
      return { ...shared, userId: Number(target), reaction, reason };
  }
}

/** As it is applied, also where it is stored otherwise. */
function addressOfBan(stored: NonNullable<BanView['stored']>): JsonObject {
  const read = readStoredSubnet(stored);
  if ('problem' in read || !read.isCorrected) return { ip: stored.address, subnet: stored.bits };
  const { base, bits } = read.subnet;
  return { ip: formatAddress(base), subnet: isSingleAddress(read.subnet) ? 0 : bits };
}

/** The prefix length to be stored, of the usual form of `ip`; 0 is the single address. Undefined: not a prefix. */
function bitsOf(ip: string, subnet: unknown): number | undefined {
  // The originals take what is not a number for 0: a ban of "24" would hit one address.
  const wanted = requestNumber(subnet, 0, -1);
  if (wanted === 0) return 0;
  const read = readSubnet(ip, wanted);
  return 'subnet' in read && read.subnet.bits > 0 ? read.subnet.bits : undefined;
}

const bansOf = (run: Call['run'], kind: BanKind) => run('ban.list', { kind, withExpired: true });

/** The ban that a request describes, or what is wrong with it; the target comes first. */
function readBan(kind: BanKind, input: JsonObject): NewBan | string {
  const expires = typeof input.expires === 'string' ? readExpiry(input.expires) : undefined;
  const comment = textOf(input.comment);
  const lost = (['comment', 'reason'] as const).find(
    (name) => typeof (input[name] ?? '') !== 'string' && !(kind === 'ip' && name === 'reason'),
  );
  if (lost !== undefined) return `${lost} must be a text`;
  if (kind === 'ip') {
    const ip = textOf(input.ip);
    const address = canonicalAddress(ip);
    if (address === undefined) return 'Valid IP address required';
    const bits = bitsOf(ip, input.subnet);
    if (bits === undefined) return 'Valid subnet prefix length required';
    if (expires === undefined) return 'Valid expiration time required';
    return { kind, address, bits, expires, comment };
  }
  const reaction = textOf(input.reaction) || 'normal';
  const details = { expires, comment, reason: textOf(input.reason), reaction: reaction as BanReaction };
  const isKnown = reactions.includes(reaction);
  if (kind === 'client') {
    const sid = textOf(input.sid);
    if (sid === '') return 'SID required';
    if (expires === undefined) return 'Valid expiration time required';
    return isKnown ? { kind, sid, ...details } : 'Invalid reaction';
  }
  const { userId } = input;
  if (typeof userId !== 'number' || !Number.isSafeInteger(userId) || userId < 1)
    return 'Valid user ID required';
  if (expires === undefined) return 'Valid expiration time required';
  return isKnown ? { kind, userId, ...details } : 'Invalid reaction';
}

/** Exactly `YYYY-MM-DD HH:MM:SS`. */
function readExpiry(text: string): number | undefined {
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? parseDateTime(text) : undefined;
}

function banRoutes(path: string, kind: BanKind, summary: string): OriginalRoute[] {
  const shared = { section: 'bans', needsDatabase: true } as const;
  return [
    {
      path,
      summary,
      ...shared,
      methods: {
        GET: async ({ isLocked, run, input }) => {
          const bans = (await bansOf(run, kind)).map(describeBan);
          return ok(wantsObject(input) ? { bans, _locked: isLocked('bans') } : bans);
        },
        POST: async ({ run, input }) => {
          const ban = readBan(kind, input);
          if (typeof ban === 'string') return failed(400, ban);
          return answered(
            run('ban.add', requestOf(ban)).then((added) => ok(describeBan(added))),
            { badInput: (message) => failed(400, message) },
          );
        },
      },
    },
    {
      path: `${path}/:id`,
      summary: 'One of them',
      ...shared,
      methods: {
        DELETE: (call) => remove(call, (id) => call.run('ban.remove', { refs: [{ kind, id }] })),
      },
    },
  ];
}

/** The same as the operation wants it. */
function requestOf(ban: NewBan): InputOf<'ban.add'> {
  const expires = ban.expires ?? null;
  if (ban.kind !== 'ip') return { ...ban, expires };
  const { bits, ...rest } = ban;
  // 0 stands for the single address here
  return { ...rest, expires, ...(bits !== 0 && { bits }) };
}

async function remove({ params }: Call, act: (id: number) => Promise<unknown>): Promise<Answer> {
  const id = /^\d{1,15}$/.test(params.id ?? '') ? Number(params.id) : undefined;
  if (id === undefined) return notFound();
  return answered(
    act(id).then(() => ok({ status: 'ok', deleted: id })),
    { notFound: notFound() },
  );
}

// ---- accounts -----------------------------------------------------------------------------------------

/** Flags as they are stored: also what is none. */
function describeAccount({ id, name, isLocked: locked, flags, storedFlags }: AccountView): JsonObject {
  return { id, username: name, locked, flags: storedFlags ?? flags.join(',') };
}

const postAccount = async ({ run, input }: Call): Promise<Answer> => {
  const name = textOf(input.username);
  const password = textOf(input.password);
  if (name === '') return failed(400, 'Username required');
  if (password === '') return failed(400, 'Password required');
  if (userNameProblem(name) !== undefined) return failed(400, 'Error');
  const flags = flagsOf(input.flags);
  if (flags === undefined) return badFlags();
  if (input.locked !== undefined && typeof input.locked !== 'boolean') return badLock();
  const isLocked = flagOf(input.locked);
  return answered(
    run('user.add', { name, password, isLocked, flags, isVerbatim: true }).then((added) =>
      ok(describeAccount(added)),
    ),
    { conflict: failed(400, 'Error') },
  );
};

/**
 * Flags are kept as they are written, empty ones too. A list of texts is taken as one; undefined: anything else, of
 * which nobody knows what it means.
 */
function flagsOf(flags: unknown): string[] | undefined {
  if (flags === undefined || flags === null) return [];
  if (typeof flags === 'string') return flags === '' ? [] : flags.split(',');
  if (!Array.isArray(flags)) return undefined;
  const isComplete = flags.every((flag) => typeof flag === 'string' && !flag.includes(','));
  return isComplete ? (flags as string[]) : undefined;
}

/** What is not a flag would unlock the account. */
const badLock = () => failed(400, 'locked must be true or false');
const badFlags = () => failed(400, 'Flags must be a text with commas between, or a list of texts');

const putAccount = async ({ run, params, input }: Call): Promise<Answer> => {
  const before = (await run('user.list', {})).find(({ id }) => String(id) === params.id);
  if (!before) return notFound();
  const name = textOf(input.username);
  const password = textOf(input.password);
  // a value that is not text would be ignored, and the old password would stay without notice
  const texts = { username: input.username ?? '', password: input.password ?? '' };
  const problem = textProblem(texts, 'username', 'password');
  if (problem !== undefined) return failed(400, problem);
  const flags = flagsOf(input.flags);
  if (flags === undefined) return badFlags();
  if (input.locked !== undefined && typeof input.locked !== 'boolean') return badLock();
  const hasFlags = input.flags !== undefined && input.flags !== null;
  const { id } = before;
  const change = {
    ...(name !== '' && userNameProblem(name) === undefined && { name }),
    ...(password !== '' && { password }),
    ...(input.locked !== undefined && { isLocked: flagOf(input.locked) }),
    ...(hasFlags && { flags }),
  };
  return answered(
    run('user.change', { key: { id }, ...change, isVerbatim: true }).then((changed) =>
      ok(describeAccount(changed)),
    ),
    // a name that is taken is "not found" here
    { conflict: notFound(), notFound: notFound() },
  );
};

const loginStatus = { unknown: 0, wrong: 1, locked: 2, ok: 3 } as const;

const accountShared = { section: 'accounts', needsDatabase: true } as const;
const accountRoutes: readonly OriginalRoute[] = [
  {
    path: 'accounts',
    summary: 'Accounts',
    ...accountShared,
    methods: {
      GET: async ({ isLocked, run, input }) => {
        const accounts = (await run('user.list', {})).map(describeAccount);
        return ok(wantsObject(input) ? { accounts, _locked: isLocked('accounts') } : accounts);
      },
      POST: postAccount,
    },
  },
  {
    path: 'accounts/:id',
    summary: 'One account',
    ...accountShared,
    methods: {
      POST: notFound,
      PUT: putAccount,
      DELETE: (call) => remove(call, (id) => call.run('user.remove', { key: { id } })),
    },
  },
  {
    path: 'accounts/auth',
    summary: 'Whether a name and password would be let in',
    ...accountShared,
    methods: {
      POST: async ({ run, input }) => {
        const { username, password } = input;
        if (typeof username !== 'string' || typeof password !== 'string') return notFound();
        return ok({ status: loginStatus[await run('user.login', { name: username, password })] });
      },
    },
  },
];

export const peopleRoutes: readonly OriginalRoute[] = [
  ...userRoutes,
  ...banRoutes('banlist', 'ip', 'Bans of addresses'),
  ...banRoutes('systembans', 'client', 'Bans of clients'),
  ...banRoutes('userbans', 'user', 'Bans of users of the login server'),
  ...accountRoutes,
];
