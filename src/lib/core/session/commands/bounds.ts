// TABLE of how often one member may send each command, and what a call makes others keep or do at the most. Everything
// that a guest, a member or an operator can send is bounded by its row here and by the limits that the row names; what
// people do with a client stays far below. To change one: edit the row. A new command does not compile without one (index.ts).
import type { Rate } from '../../rate-limit.js';

export interface CommandBound extends Rate {
  /** Memory, log, journal, database and outgoing requests that a call may cost; with the limit that holds for all calls. */
  keeps: string;
}

export const commandBounds = {
  'announce-session': {
    burst: 10,
    perMinute: 10,
    keeps: 'one listing (16 per session), one request, one journal line',
  },
  'auth-list': {
    burst: 30,
    perMinute: 60,
    keeps: '100 entries; 1,000 accounts of 255 characters are remembered per session',
  },
  'export-bans': { burst: 10, perMinute: 10, keeps: 'nothing: one reply' },
  'gain-op': { burst: 20, perMinute: 20, keeps: 'one password check' },
  'import-bans': {
    burst: 10,
    perMinute: 10,
    keeps: '1,000 bans per session, each of four fields of 255 characters',
  },
  'init-begin': { burst: 30, perMinute: 60, keeps: 'nothing' },
  'init-cancel': { burst: 30, perMinute: 60, keeps: 'one log line' },
  'init-complete': { burst: 30, perMinute: 60, keeps: 'one log line' },
  'invite-create': { burst: 60, perMinute: 60, keeps: '50 invites per session' },
  'invite-remove': { burst: 60, perMinute: 60, keeps: 'one journal line' },
  'kick-user': { burst: 260, perMinute: 120, keeps: 'one log line; 1,000 bans per session' },
  'kill-session': { burst: 5, perMinute: 5, keeps: 'nothing: the session ends' },
  mute: { burst: 260, perMinute: 120, keeps: 'one log line' },
  'ready-to-autoreset': { burst: 30, perMinute: 60, keeps: 'nothing' },
  'remove-ban': { burst: 1000, perMinute: 240, keeps: 'one log line, one journal line' },
  report: {
    burst: 5,
    perMinute: 2,
    keeps: 'one log line of 4,000 characters, one report (200 wait at the most)',
  },
  'reset-session': { burst: 30, perMinute: 30, keeps: 'an image no larger than the session may be' },
  sessionconf: { burst: 120, perMinute: 120, keeps: 'one log line, one journal line per setting' },
  'stream-reset-abort': { burst: 30, perMinute: 60, keeps: 'one log line' },
  'stream-reset-finish': { burst: 30, perMinute: 60, keeps: 'one log line' },
  'stream-reset-start': { burst: 30, perMinute: 60, keeps: 'an image no larger than the session may be' },
  'thumbnail-error': { burst: 10, perMinute: 10, keeps: 'one log line' },
  'unlist-session': { burst: 10, perMinute: 10, keeps: 'one request, one journal line' },
} satisfies Readonly<Record<string, CommandBound>>;
