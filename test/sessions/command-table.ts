// TABLE of what happens to every session command by role, state and arguments (sessions.md §8, §13, §14, §17, §18).
// Rights are the same for all arguments and checked first; the rows below them say what the arguments do.

import type { Json, JsonObject } from '../helpers/wire.js';

export const roles = ['guest', 'deputy', 'operator', 'moderator'] as const;
export type Role = (typeof roles)[number];

/** running; resetting: somebody else uploads an image; uploading: the sender itself does. */
export const states = ['running', 'resetting', 'uploading'] as const;
export type State = (typeof states)[number];

export type Outcome =
  /** One error reply `<cmd>: …` to the sender; nobody else notices anything but log lines. */
  | 'error'
  /** No reply to the sender, and nobody notices anything but log lines. */
  | 'nothing'
  /** The sender gets a reply of this type with these keys. */
  | { reply: string; keys?: JsonObject }
  /** Everybody gets a reply of this type with these keys. */
  | { all: string; keys?: JsonObject }
  /** The member `target` is disconnected, for this reason. */
  | { ends: 'target' | 'everyone'; reason: number };

export interface CommandRow {
  cmd: string;
  /** Lowest role that may call it. */
  right: Role;
  calls: ReadonlyArray<{
    args?: readonly Json[];
    kwargs?: JsonObject;
    /** What happens for everybody with the right, unless a role or state is named. */
    gives: Outcome;
    by?: Partial<Record<Role, Outcome>>;
    in?: Partial<Record<State, Outcome>>;
  }>;
}

/** Stand for the ids of the session's people: replaced when the call is made. */
export const people = {
  self: '@self',
  target: '@target',
  operator: '@operator',
  trusted: '@trusted',
  moderator: '@moderator',
};
const { self, target, operator, trusted, moderator } = people;

const many = Array.from({ length: 101 }, (_, index) => ({ a: `x:${index}`, o: true }));

export const commandTable: readonly CommandRow[] = [
  {
    cmd: 'kick-user',
    right: 'deputy',
    calls: [
      { gives: 'error' },
      { args: [2, 3], gives: 'error' },
      { args: [0], gives: 'error' },
      { args: [255], gives: 'error' },
      { args: [-1], gives: 'error' },
      { args: [1e308], gives: 'error' },
      { args: [null], gives: 'error' },
      { args: [true], gives: 'error' },
      { args: [{}], gives: 'error' },
      { args: [[2]], gives: 'error' },
      { args: [200], gives: 'error' },
      { args: ['nobody at all'], gives: 'error' },
      { args: [self], gives: 'error' },
      { args: [moderator], gives: 'error' },
      { args: [operator], gives: { ends: 'target', reason: 1 }, by: { deputy: 'error' } },
      { args: [trusted], gives: { ends: 'target', reason: 1 }, by: { deputy: 'error' } },
      { args: [target], gives: { ends: 'target', reason: 1 } },
      { args: ['TARGET'], gives: { ends: 'target', reason: 1 } },
      { args: [target], kwargs: { ban: true }, gives: { ends: 'target', reason: 1 } },
      { args: [target], kwargs: { ban: 'yes' }, gives: { ends: 'target', reason: 1 } },
    ],
  },
  {
    cmd: 'mute',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: [target], gives: 'error' },
      { args: [target, true, 1], gives: 'error' },
      { args: [0, true], gives: 'error' },
      { args: ['nobody at all', true], gives: 'error' },
      { args: [{}, true], gives: 'error' },
      { args: [moderator, true], gives: 'error' },
      { args: [target, false], gives: 'nothing' },
      { args: [target, 'yes'], gives: 'nothing' },
      { args: [target, true], gives: { all: 'sessionconf' } },
      { args: ['Target', true], gives: { all: 'sessionconf' } },
    ],
  },
  {
    cmd: 'remove-ban',
    right: 'operator',
    calls: [{ gives: 'error' }, { args: [1, 2], gives: 'error' }, { args: [99], gives: 'nothing' }],
  },
  {
    cmd: 'gain-op',
    right: 'guest',
    calls: [
      { gives: 'error' },
      { args: ['a', 'b'], gives: 'error' },
      { args: ['guess'], gives: 'error' },
      { args: [''], gives: 'error' },
    ],
  },
  {
    cmd: 'sessionconf',
    right: 'operator',
    calls: [
      { gives: 'nothing' },
      { kwargs: { nonsense: 1, constructor: 2 }, gives: 'nothing' },
      { kwargs: { resetThreshold: -1 }, gives: 'error' },
      { kwargs: { resetThreshold: 'many' }, gives: 'error' },
      {
        kwargs: { authOnly: true },
        gives: 'nothing',
        by: { moderator: { reply: 'log', keys: { topic: 'Status' } } },
      },
      {
        kwargs: { founder: 'x' },
        gives: 'nothing',
        by: { moderator: { reply: 'log', keys: { topic: 'Status' } } },
      },
      {
        kwargs: { unlisted: true },
        gives: 'nothing',
        by: { moderator: { reply: 'log', keys: { topic: 'Status' } } },
      },
      {
        kwargs: { overrideSize: 1000 },
        gives: 'nothing',
        by: { moderator: { reply: 'log', keys: { topic: 'Status' } } },
      },
      { kwargs: { title: 'New title' }, gives: { all: 'log', keys: { topic: 'Status' } } },
      { kwargs: { closed: true }, gives: { reply: 'alert', keys: { T: 'closeunsupported' } } },
    ],
  },
  {
    cmd: 'reset-session',
    right: 'operator',
    calls: [
      {
        gives: { all: 'alert', keys: { T: 'resetprepareby' } },
        in: { resetting: 'error', uploading: 'error' },
      },
      {
        kwargs: { type: 'current' },
        gives: { all: 'alert', keys: { T: 'resetpreparecurrent' } },
        in: { resetting: 'error', uploading: 'error' },
      },
      {
        kwargs: { type: 'past' },
        gives: { all: 'alert', keys: { T: 'resetpreparepast' } },
        in: { resetting: 'error', uploading: 'error' },
      },
      {
        kwargs: { type: 'external' },
        gives: { all: 'alert', keys: { T: 'resetprepareexternal' } },
        in: { resetting: 'error', uploading: 'error' },
      },
      {
        kwargs: { type: 'sideways' },
        gives: { all: 'alert', keys: { T: 'resetprepareby' } },
        in: { resetting: 'error', uploading: 'error' },
      },
    ],
  },
  { cmd: 'init-begin', right: 'operator', calls: [{ gives: 'nothing' }] },
  {
    cmd: 'init-complete',
    right: 'operator',
    // An empty image ends the reset as a cancel does (sessions.md §13.3 OURS).
    calls: [{ gives: 'nothing', in: { uploading: { all: 'alert', keys: { T: 'resetcancel' } } } }],
  },
  {
    cmd: 'init-cancel',
    right: 'operator',
    calls: [{ gives: 'nothing', in: { uploading: { all: 'alert', keys: { T: 'resetcancel' } } } }],
  },
  {
    cmd: 'ready-to-autoreset',
    right: 'operator',
    calls: [
      { gives: 'nothing' },
      { kwargs: { payload: 5, capabilities: {}, net: 'x', pings: 1 }, gives: 'nothing' },
    ],
  },
  {
    cmd: 'stream-reset-start',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: ['1:0:0'], gives: 'error' },
      { args: [5], gives: 'error' },
      { args: ['a', 'b'], gives: 'error' },
    ],
  },
  {
    cmd: 'stream-reset-abort',
    right: 'operator',
    calls: [{ gives: 'error' }, { args: [1], gives: 'error' }],
  },
  {
    cmd: 'stream-reset-finish',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: [1], gives: 'error' },
      { args: ['x'], gives: 'error' },
      { args: [1, 2], gives: 'error' },
    ],
  },
  {
    cmd: 'announce-session',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: ['http://127.0.0.1:1/', 'http://127.0.0.1:1/'], gives: 'error' },
      { args: ['http://127.0.0.1:1/'], kwargs: { private: true }, gives: 'error' },
    ],
  },
  {
    cmd: 'unlist-session',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: ['a', 'b'], gives: 'error' },
      { args: ['http://127.0.0.1:1/'], gives: 'nothing' },
      { args: [''], gives: 'nothing' },
    ],
  },
  {
    cmd: 'report',
    right: 'guest',
    calls: [
      { kwargs: { user: 1, reason: 'because' }, gives: 'nothing' },
      { kwargs: { user: 'x', reason: 5 }, gives: 'nothing' },
    ],
  },
  {
    cmd: 'kill-session',
    right: 'moderator',
    calls: [
      { gives: { ends: 'everyone', reason: 2 } },
      { kwargs: { reason: 'rules' }, gives: { ends: 'everyone', reason: 2 } },
      { args: [1, 2, 3], kwargs: { reason: 5 }, gives: { ends: 'everyone', reason: 2 } },
    ],
  },
  {
    cmd: 'export-bans',
    right: 'operator',
    calls: [
      { gives: { reply: 'banimpex', keys: { T: 'banexportunconfigured' } } },
      {
        kwargs: { plain: true },
        gives: { reply: 'banimpex', keys: { T: 'banexportmodonly' } },
        by: { moderator: { reply: 'banimpex', keys: { T: undefined as never } } },
      },
    ],
  },
  {
    cmd: 'import-bans',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: ['a', 'b'], gives: 'error' },
      { args: ['nonsense'], gives: { reply: 'banimpex', keys: { T: 'banimportmalformed' } } },
      { args: [5], gives: { reply: 'banimpex', keys: { T: 'banimportmalformed' } } },
      { args: ['cAAAA:AAAA'], gives: { reply: 'banimpex' } },
    ],
  },
  {
    cmd: 'auth-list',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: [[], []], gives: 'error' },
      { args: [many], gives: 'error' },
      { args: [[]], gives: 'nothing' },
      { args: [[5, null, {}, { a: '' }]], gives: 'nothing' },
    ],
  },
  {
    cmd: 'invite-create',
    right: 'operator',
    calls: [
      { args: ['x'], gives: 'error' },
      { gives: { reply: 'invitecreated' } },
      { kwargs: { maxUses: 1e9, op: true, trust: true }, gives: { reply: 'invitecreated' } },
      { kwargs: { maxUses: 'many' }, gives: { reply: 'invitecreated' } },
    ],
  },
  {
    cmd: 'invite-remove',
    right: 'operator',
    calls: [
      { gives: 'error' },
      { args: ['nope'], gives: 'error' },
      { args: [5], gives: 'error' },
      { args: ['a', 'b'], gives: 'error' },
    ],
  },
  {
    cmd: 'thumbnail-error',
    right: 'guest',
    calls: [{ gives: 'error' }, { args: ['a'], gives: 'error' }, { args: ['1:1', 'text'], gives: 'nothing' }],
  },
  ...['no-such-command', '', 'constructor', 'host', 'ident'].map(
    (cmd): CommandRow => ({ cmd, right: 'guest', calls: [{ gives: 'error' }] }),
  ),
];
