// Bad input by the handful: bytes, frames, JSON and commands of every wrong kind, drawn from a seeded generator.

import type { Seeded } from '../helpers/seeded.js';
import { frame, type Json, type JsonObject } from '../helpers/wire.js';

/** Every command of the protocol, in a session and before it, and some that do not exist. */
export const commandNames = [
  'startTls',
  'cinfo',
  'lookup',
  'ident',
  'host',
  'join',
  'report',
  'sessionconf',
  'kick-user',
  'remove-ban',
  'mute',
  'gain-op',
  'reset-session',
  'init-begin',
  'init-complete',
  'init-cancel',
  'ready-to-autoreset',
  'stream-reset-start',
  'stream-reset-abort',
  'stream-reset-finish',
  'announce-session',
  'unlist-session',
  'kill-session',
  'export-bans',
  'import-bans',
  'auth-list',
  'invite-create',
  'invite-remove',
  'thumbnail-error',
  '',
  'constructor',
  '__proto__',
  'toString',
  'IDENT',
  'nothing',
] as const;

const keys = [
  'intent',
  'avatar',
  'extauth',
  'protocol',
  'user_id',
  'alias',
  'password',
  'web',
  'oldv',
  'hidx',
  's',
  'm',
  'os',
  'app_version',
  'protocol_version',
  'qt_version',
  'capabilities',
  'title',
  'opword',
  'maxUserCount',
  'authOnly',
  'persistent',
  'resetThreshold',
  'preserveChat',
  'nsfm',
  'deputies',
  'closed',
  'allowWeb',
  'founder',
  'autotitle',
  'idleOverride',
  'invites',
  'unlisted',
  'archive',
  'overrideSize',
  'ban',
  'reason',
  'user',
  'type',
  'payload',
  'net',
  'pings',
  'maxUses',
  'op',
  'trust',
  'plain',
  'private',
  'session',
  '__proto__',
  'constructor',
  '',
] as const;

/** A JSON value of any kind, sometimes huge or deep. */
export function anyJson(random: Seeded, depth = 3): Json {
  switch (random.below(depth > 0 ? 14 : 11)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.between(-5, 300);
    case 3:
      return random.pick([1e308, -1e308, 0.5, 1e21, 2 ** 31, 2 ** 53, -1]);
    case 4:
      return '';
    case 5:
      return random.pick([
        'a',
        'bob',
        'dp:4.25.1',
        'dp:9.1.1',
        '1',
        '99mb',
        '-1',
        '\u0000',
        '"',
        '\ud800',
        '../../x',
      ]);
    case 6:
      return 'x'.repeat(random.pick([22, 23, 100, 101, 300, 5000]));
    case 7:
      return random.chance(0.1) ? 'y'.repeat(60_000) : 'y';
    case 8:
      return random.bytes(random.below(40)).toString('base64');
    case 9:
      return random.bytes(16).toString('hex');
    case 10:
      return random.bytes(random.below(20)).toString('latin1');
    case 11:
      return Array.from({ length: random.below(5) }, () => anyJson(random, depth - 1));
    case 12:
      return anyObject(random, depth - 1);
    default:
      return Array.from({ length: random.pick([1, 200]) }, () => random.below(10));
  }
}

function anyObject(random: Seeded, depth: number): JsonObject {
  const result: JsonObject = {};
  for (let count = random.below(5); count > 0; count--) {
    Object.defineProperty(result, random.pick(keys), {
      value: anyJson(random, depth),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return result;
}

/** The text of a command that is not quite one. */
function anyCommandText(random: Seeded): string {
  const depth = random.pick([10, 1000, 20_000]);
  switch (random.below(12)) {
    case 0:
      return '';
    case 1:
      return random.pick([
        'null',
        'true',
        '1',
        '"ident"',
        '[]',
        '[1]',
        '{}',
        '{',
        '}',
        '{"cmd":',
        '{"cmd":1}',
        '{"cmd":null}',
      ]);
    case 2:
      return `${'['.repeat(depth)}${']'.repeat(depth)}`;
    case 3:
      return `${'{"a":'.repeat(Math.min(depth, 10_000))}1${'}'.repeat(Math.min(depth, 10_000))}`;
    case 4:
      return `{"cmd":"${'i'.repeat(random.pick([10, 65_000]))}"}`;
    case 5:
      return `{"cmd":"ident","args":["${'n'.repeat(65_000)}"]}`;
    default: {
      const json: JsonObject = { cmd: random.chance(0.95) ? random.pick(commandNames) : anyJson(random) };
      if (random.chance(0.8)) {
        json.args = random.chance(0.8)
          ? Array.from({ length: random.below(4) }, () => anyJson(random))
          : anyJson(random);
      }
      if (random.chance(0.6)) {
        json.kwargs = random.chance(0.8) ? anyObject(random, 3) : anyJson(random);
      }
      return JSON.stringify(json);
    }
  }
}

function clipped(bytes: Buffer): Buffer {
  return bytes.length > 0xffff ? bytes.subarray(0, 0xffff) : bytes;
}

/** One thing that a broken or hostile client may send. */
export function anyBadFrame(random: Seeded): Buffer {
  switch (random.below(12)) {
    case 0:
      return random.bytes(random.between(1, 300));
    case 1:
      return frame(random.below(256), random.below(256), random.bytes(random.below(64)));
    case 2:
      return frame(random.below(64), random.below(256), random.bytes(random.below(8)));
    case 3:
      // Invalid UTF-8 inside of JSON.
      return frame(
        0,
        0,
        Buffer.concat([Buffer.from('{"cmd":"ident","args":["'), random.bytes(8), Buffer.from('"]}')]),
      );
    case 4:
      return frame(random.pick([35, 38]), random.below(256), random.bytes(random.pick([0, 1, 2, 3, 100])));
    case 5:
      return frame(random.pick([34, 36]), 0, random.bytes(random.pick([0, 1, 255, 256, 1000])));
    case 6:
      return frame(random.pick([39, 4, 2, 1, 3]), 0, random.bytes(random.pick([0, 1, 2, 500])));
    case 7:
      return frame(random.between(64, 255), random.below(256), Buffer.alloc(random.pick([0, 1, 65_535]), 7));
    default:
      return frame(0, random.below(2), clipped(Buffer.from(anyCommandText(random))));
  }
}
