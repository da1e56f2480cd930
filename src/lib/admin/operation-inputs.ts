// TABLE of what each operation takes, as JSON schemas: the check of every input (check-input.ts), and the API's
// description. What would be ignored is not in a schema: variants are alternatives, and what needs something else says so.
// A row here for each row of operations.ts; the compiler insists.

import { banReactions } from './bans.js';
import type { OperationName } from './operations.js';

export type Schema = { readonly [key: string]: unknown };

const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const number = { type: 'number' } as const;
const flag = { type: 'boolean' } as const;
const texts = { type: 'array', items: text } as const;
const moment = { type: 'number', description: 'milliseconds since 1970' } as const;
const expiry = {
  type: ['number', 'null'],
  description: 'milliseconds since 1970; null: for good',
} as const;
const banKind = { type: 'string', enum: ['ip', 'client', 'user'] } as const;
const reaction = { type: 'string', enum: banReactions } as const;
const form = { type: 'string', enum: ['argon2id', 'pbkdf2'] } as const;
const session = { type: 'string', description: 'id, the beginning of an id, or alias' } as const;
const user = { type: ['string', 'integer'], description: 'user id or name' } as const;

/**
 * `required`: names with blanks between. `effects`: arguments that have an effect together with others only, and these.
 */
function object(
  required: string,
  properties: Readonly<Record<string, Schema>>,
  effects?: Readonly<Record<string, readonly string[]>>,
): Schema {
  const names = required.split(' ').filter((name) => name !== '');
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(names.length > 0 && { required: names }),
    ...(effects && { dependentRequired: effects }),
  };
}

const only = (word: string) => ({ type: 'string', enum: [word] }) as const;
const personBan = { expires: expiry, comment: text, reason: text, reaction } as const;
const nothing = object('', {});
const accountKey = { oneOf: [object('name', { name: text }), object('id', { id: whole })] } as const;
const banRef = object('kind id', { kind: banKind, id: whole });

export const operationInputs: Readonly<Record<OperationName, Schema>> = {
  'config.list': nothing,
  'config.get': object('name', { name: text }),
  'config.change': object('', {
    set: { type: 'object', additionalProperties: text },
    unset: texts,
  }),
  'config.check': nothing,

  'user.list': nothing,
  'user.get': object('key', { key: accountKey }),
  'user.add': object('name password', { name: text, password: text, flags: texts, isLocked: flag, form }),
  'user.change': object(
    'key',
    {
      key: accountKey,
      name: text,
      password: text,
      form,
      flags: texts,
      addFlags: texts,
      removeFlags: texts,
      isLocked: flag,
    },
    { form: ['password'] },
  ),
  'user.remove': object('key', { key: accountKey }),
  'user.login': object('name password', { name: text, password: text }),

  'ban.list': object('', { kind: banKind, withExpired: flag, address: text }),
  'ban.preview': object('address', { address: text, bits: whole }),
  'ban.explain': object('address', { address: text }),
  'ban.add': {
    oneOf: [
      object('kind address', {
        kind: only('ip'),
        address: text,
        bits: whole,
        expires: expiry,
        comment: text,
      }),
      object('kind sid', { kind: only('client'), sid: text, ...personBan }),
      object('kind userId', { kind: only('user'), userId: whole, ...personBan }),
    ],
  },
  'ban.change': object('kind id change', {
    kind: banKind,
    id: whole,
    change: object('', { expires: expiry, comment: text, reason: text, reaction }),
  }),
  'ban.remove': {
    oneOf: [
      object('refs', { refs: { type: 'array', items: banRef } }),
      object('which', { which: { type: 'string', enum: ['active', 'expired'] } }),
    ],
  },
  'ban.auto': object('', { sessions: number, days: number, penalty: number, isDryRun: flag }),

  'log.query': object('order', {
    from: moment,
    until: moment,
    afterId: whole,
    user: text,
    names: texts,
    addresses: texts,
    sessions: texts,
    topics: texts,
    level: { type: 'string', enum: ['error', 'warn', 'info', 'debug'] },
    contains: text,
    order: { type: 'string', enum: ['newest', 'oldest'] },
    limit: whole,
    skip: whole,
  }),
  'log.purge': object('before', { before: moment, isDryRun: flag }),

  'listserver.list': nothing,
  'listserver.add': object('entry', { entry: text, isPattern: flag }),
  'listserver.remove': object('entry', { entry: text }),
  'listserver.replace': object('list', { list: texts }),

  'session.list': object('', { onlyListed: flag }),
  'session.get': object('session', { session }),
  'session.users': object('session', { session }),
  'session.export': object('session', { session, from: whole, until: whole }),
  'session.set': object('session change', { session, change: { type: 'object' } }),
  'session.kill': object('session', { session, reason: text, isQuiet: flag }),
  'session.message': object('text', { session, user, text, isAlert: flag }, { user: ['session'] }),
  'session.kick': object('session user', { session, user, message: text }),
  'session.ban': object('session user', { session, user }),
  'session.unban': object('session ban', { session, ban: whole }),
  'session.role': object('session user', { session, user, op: flag, trusted: flag, muted: flag }),
  'session.invite': object('session', { session, maxUses: whole, trust: flag, op: flag }),
  'session.uninvite': object('session secret', { session, secret: text }),
  'session.reset': object('session', { session }),
  'session.announce': object('session url', { session, url: text }),
  'session.problems': nothing,
  'session.repair': object('session', { session }),
  'session.adopt': object('name', { name: text }),
  'session.unlist': object('session', { session, url: text }),

  'online.list': nothing,
  'online.kick': object('uid', { uid: text, message: text }),

  'extban.list': nothing,
  'extban.refresh': nothing,
  'extban.enable': object('id isEnabled', { id: whole, isEnabled: flag }),

  'server.status': nothing,
  'server.stop': object('', { seconds: number, message: text }),
  'server.keep': nothing,
};
