// TABLE of the places where dp means to differ from the recordings. A replay excuses a difference only by a row
// of this table: file, lines of the recording, the clause that says so, and what is expected instead.

import type { JsonObject } from '../helpers/wire.js';

export interface Difference {
  /** Path below test/vectors, without its ending. */
  file: string;
  /** Lines of the recording, from 1; `n-m` for a range. */
  lines: readonly (number | `${number}-${number}`)[];
  /** Where the specification says so. */
  clause: string;
  why: string;
  effect: Effect;
}

export type Effect =
  /** The recorded messages (or the recorded close) do not come. */
  | { kind: 'absent' }
  /** The recorded JSON differs in these keys; `undefined` as value: the key is not there. Dotted paths. */
  | { kind: 'instead'; keys: Readonly<Record<string, JsonObject[string] | undefined>> }
  /** These keys may be there or not, with any value. Dotted paths. */
  | { kind: 'ignored'; keys: readonly string[] }
  /** Another message comes in the place of the recorded one. */
  | { kind: 'becomes'; message: JsonObject | { hex: string } }
  /** After the recorded line the peer (as the recording names it) gets these as well; `hex`: a whole frame. */
  | { kind: 'extra'; peer: string; messages: readonly (JsonObject | { hex: string })[] }
  /** The recorded message comes to this peer (as the recording names it) as well. */
  | { kind: 'alsoTo'; peer: string }
  /** The client's messages of these lines are sent before another line. */
  | { kind: 'earlier'; before: number }
  /** The server leaves the connection open; the client closes it, so that the rest goes on as recorded. */
  | { kind: 'clientCloses' }
  /** The client does not send the recorded message. */
  | { kind: 'unsent' };

export const differences: readonly Difference[] = [
  {
    file: 'login/s21-newclient-commands',
    lines: [28],
    clause: 'login.md §5, §16',
    why: 'the look-up, which the 2.1 server does not know, is answered',
    effect: { kind: 'absent' },
  },
  {
    file: 'login/s21-account',
    lines: [13],
    clause: 'login.md §6, §16',
    why: 'a wrong password may be tried again',
    effect: { kind: 'absent' },
  },
  {
    file: 'login/s23-noguest',
    lines: [14],
    clause: 'login.md §6',
    why: 'an account without flags has none, not an empty one',
    effect: { kind: 'instead', keys: { flags: ['WEB', 'WEBHOST', 'WEBSESSION'] } },
  },
  loggedInBeforeBan('login/s23-banned-sid-hang', 'banhang'),
  loggedInBeforeBan('login/s23-banned-sid-garbage', 'bangarbage'),
  {
    file: 'login/s23-banned-sid-garbage',
    lines: [8],
    clause: 'login.md §12',
    why: 'a disguised ban acts at host or join; the coin that the recorded server tossed at ident is not tossed',
    effect: { kind: 'absent' },
  },
  {
    file: 'login/s23-banned-sid-garbage',
    lines: [9],
    clause: 'login.md §12',
    why: 'a disguised ban acts at host or join',
    effect: {
      kind: 'extra',
      peer: 'c@2',
      messages: [{ message: 'check authentication', state: 'checkauth', type: 'result' }],
    },
  },
  {
    file: 'login/s21-wrong-session-password',
    lines: [9],
    clause: 'login.md §10, §16',
    why: 'a wrong session password may be tried again',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/05-op-commands',
    lines: [155],
    clause: 'sessions.md §9.1',
    why: 'a value that has no sensible meaning is refused with an error, not passed over',
    effect: { kind: 'extra', peer: 'alice', messages: [{ type: 'error', message: '' }] },
  },
  {
    file: 'session/05-op-commands',
    lines: [223, 225],
    clause: 'sessions.md §8',
    why: 'who is muted, or not any more, is told so: nothing else shows it to them',
    effect: { kind: 'extra', peer: 'bob', messages: [{ type: 'msg', message: '' }] },
  },
  {
    file: 'session/05-op-commands',
    lines: [176, 180, 181],
    clause: 'sessions.md §29.12',
    why: 'the recorded server was blocked by a password check and then read all of alice before all of bob',
    effect: { kind: 'earlier', before: 168 },
  },
  {
    file: 'session/05-op-commands',
    lines: ['256-259'],
    clause: 'sessions.md §29.12',
    why: 'carol gets the history before she is kicked, which the blocked server had not sent yet',
    effect: { kind: 'alsoTo', peer: 'carol@2' },
  },
  {
    file: 'session/04-hold-lock',
    lines: [62],
    clause: 'sessions.md §16 OURS',
    why: 'someone who has been handed no history yet has no position in it',
    effect: { kind: 'instead', keys: { 'hid*': undefined } },
  },
  {
    file: 'login/s23-kick-ban-invite',
    lines: [14],
    clause: 'sessions.md §16 OURS',
    why: 'someone who has been handed no history yet has no position in it',
    effect: { kind: 'instead', keys: { 'hid*': undefined } },
  },
  {
    file: 'login/s23-kick-ban-invite',
    lines: [156],
    clause: 'sessions.md §18, §29.8',
    why: 'the system ids of those who used an invite are not for operators, not even as an empty text',
    effect: { kind: 'instead', keys: { 'config.invitelist.*.uses.*.s': undefined } },
  },
  {
    file: 'login/s23-rejoin-skip-catchup',
    lines: [71],
    clause: 'sessions.md §16 OURS',
    why: 'the message that the client had already seen is not repeated',
    effect: { kind: 'instead', keys: { count: 3 } },
  },
  {
    file: 'login/s23-rejoin-skip-catchup',
    lines: [96],
    clause: 'sessions.md §16 OURS',
    why: 'the message that the client had already seen is not repeated',
    effect: { kind: 'absent' },
  },
  ...ghostChat([136, 139, 142, 145, 148]),
  {
    file: 'session/07-mod-ghost-kill',
    lines: [150],
    clause: 'sessions.md §7.7',
    why: 'the text of the refusal is ours',
    effect: {
      kind: 'becomes',
      message: {
        hex: '002d26070100507269766174652063686174206973206e6f7420706f737369626c6520696e2067686f7374206d6f64652e',
      },
    },
  },
  ...storedWithIndex('session/08-manual-reset', [128, 140, 185]),
  {
    file: 'session/08-manual-reset',
    lines: [208],
    clause: 'sessions.md §13.3 OURS, §29.3',
    why: 'an empty image counts as a cancelled reset, and everybody is told',
    effect: toldOfCancel('alice@2'),
  },
  {
    file: 'session/08-manual-reset',
    lines: [208],
    clause: 'sessions.md §13.3 OURS, §29.3',
    why: 'an empty image counts as a cancelled reset, and everybody is told',
    effect: toldOfCancel('bob@33'),
  },
  {
    file: 'session/08-manual-reset',
    lines: [208],
    clause: 'sessions.md §13.3 OURS, §29.3',
    why: 'an empty image counts as a cancelled reset, and everybody is told',
    effect: toldOfCancel('dave@141'),
  },
  ...storedWithIndex('session/09-autoreset-classic', [150, 157]),
  ...storedWithIndex('session/10-out-of-space', [225, 334, 344]),
  ...storedWithIndex('session/11-autoreset-streamed', [192, 195, 198, 282, 480, 483, 486, 489, 492]),
  ...storedWithIndex('session/12-history-skip', [215, 339, 468, 602, 755]),
  {
    file: 'session/12-history-skip',
    lines: [60],
    clause: 'sessions.md §16 OURS',
    why: 'the message that the client had already seen is not repeated',
    effect: { kind: 'instead', keys: { count: 2 } },
  },
  {
    file: 'session/12-history-skip',
    lines: [111],
    clause: 'sessions.md §16 OURS',
    why: 'the message that the client had already seen is not repeated',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/13-out-of-space-full',
    lines: [42, 43, 49, 54, 55, 56, 367],
    clause: 'sessions.md §14.1 OURS, §29.1',
    why: 'threshold 0 means that there is no autoreset',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/13-out-of-space-full',
    lines: [325, 328],
    clause: 'sessions.md §15 OURS',
    why: 'chat that is relayed because it could not be stored has the bypass flag',
    effect: { kind: 'becomes', message: { hex: '00092302010073746f7265643f' } },
  },
  {
    file: 'session/14-invites-auth-op',
    lines: ['1-424'],
    clause: 'sessions.md §18, §29.8',
    why: 'the system ids of those who used an invite are not for operators, not even as an empty text',
    effect: { kind: 'instead', keys: { 'config.invitelist.*.uses.*.s': undefined } },
  },
  {
    file: 'session/21-v21-session',
    lines: [108],
    clause: 'sessions.md §28 OURS',
    why: 'an empty chat is dropped in a 2.1 session, who sent it stays',
    effect: { kind: 'clientCloses' },
  },
  {
    file: 'session/21-v21-session',
    lines: [139],
    clause: 'sessions.md §9.1, §28 OURS',
    why: 'sessions cannot be closed to newcomers any more, so x would get in',
    effect: { kind: 'unsent' },
  },
  {
    file: 'session/21-v21-session',
    lines: [140],
    clause: 'sessions.md §9.1, §28 OURS',
    why: 'sessions cannot be closed to newcomers any more, so x would get in',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/21-v21-session',
    lines: [142],
    clause: 'sessions.md §9.1, §28 OURS',
    why: 'sessions cannot be closed to newcomers any more, so x would get in',
    effect: { kind: 'clientCloses' },
  },
  {
    file: 'session/21-v21-session',
    lines: [406, 460],
    clause: 'sessions.md §3, §15 OURS',
    why: 'the 2.1 server stores one message beyond the limit',
    effect: { kind: 'absent' },
  },

  ...storedWithIndex('real-client/21-autoreset-on-23', [1766, 1796, 1977]),
  ...storedWithIndex('real-client/21-full-on-23', [845, 901, 1105]),
  ...storedWithIndex('real-client/21-reset-on-23', [641, 685]),
  ...storedWithIndex('real-client/23-autoreset-on-23', [1215, 1218]),
  ...storedWithIndex('real-client/23-full-on-23', [773, 832, 1020]),
  ...storedWithIndex('real-client/23-reset-on-23', [590, 639]),
  ...withoutPosition('real-client/21-persist-on-23', 200),
  ...withoutPosition('real-client/23-persist-on-23', 183),

  {
    file: 'real-client/21-full-on-21',
    lines: [1138],
    clause: 'sessions.md §17, §28 OURS',
    why: 'bans hold by name too, which the 2.1 server does not know',
    effect: { kind: 'becomes', message: { type: 'error', code: 'banned', message: '' } },
  },
  {
    file: 'real-client/21-full-on-21',
    lines: ['1139-1263'],
    clause: 'sessions.md §17, §28 OURS',
    why: 'bans hold by name too, which the 2.1 server does not know',
    effect: { kind: 'absent' },
  },

  {
    file: 'session/03-relay-and-chat',
    lines: [62, 71, 81],
    clause: 'sessions.md §29.7',
    why: 'the log says who tried to change the list',
    effect: { kind: 'instead', keys: { user: '1;bob' } },
  },
  ...storedWithIndex(
    'session/18-edge-cases',
    [273, 276, 279, 371, 374, 377, 399, 409, 419, 491, 494, 497, 605],
  ),
  {
    file: 'session/18-edge-cases',
    lines: [47],
    clause: 'sessions.md §2 OURS, §29.11',
    why: 'a session whose host leaves before it is ready ends',
    effect: {
      kind: 'extra',
      peer: 'waiter@25',
      messages: [
        { type: 'log', level: 'Info', message: '', timestamp: '', topic: 'Leave', user: '2;waiter' },
        { hex: '0001010002' },
      ],
    },
  },
  ...toldWhenHashed(
    'session/14-invites-auth-op',
    [
      { line: 94, after: 96, peer: 'bob@44' },
      { line: 167, after: 169, peer: 'reg@123' },
      { line: 284, after: 286, peer: 'reg@226' },
      { line: 388, after: 390, peer: 'eve@337' },
    ],
    {},
  ),
  ...toldWhenHashed(
    'session/16-file-backed-restore',
    [
      { line: 62, after: 64, peer: 'bob@34' },
      { line: 105, after: 107, peer: 'alice@90' },
    ],
    { hasOpword: true, maxUserCount: 20, nsfm: true, persistent: true },
  ),
  {
    file: 'session/16-file-backed-restore',
    lines: [115],
    clause: 'sessions.md §7.4',
    why: 'the lists of a stored history may name people who are gone; the first one in corrects them',
    effect: { kind: 'extra', peer: 'alice@90', messages: [{ hex: '00002200' }, { hex: '00002400' }] },
  },
  {
    file: 'session/18-edge-cases',
    lines: ['48-52'],
    clause: 'sessions.md §2 OURS, §29.11',
    why: 'a session whose host leaves before it is ready ends',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/18-edge-cases',
    lines: [55, 56],
    clause: 'sessions.md §2 OURS, §29.11',
    why: 'a session whose host leaves before it is ready ends',
    effect: { kind: 'unsent' },
  },

  ...storedWithIndex('session/18-edge-cases', [590]),
  {
    file: 'session/18-edge-cases',
    lines: [285, 287, 289, 530],
    clause: 'sessions.md §14.5',
    why: 'a prepared reset is applied as soon as everyone has been handed all that came before it',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/18-edge-cases',
    lines: [292, 293, 296],
    clause: 'sessions.md §14.5',
    why: 'so the settings come before the next drawing, not after it',
    effect: { kind: 'absent' },
  },
  ...drawnAfter(303, 'alice@58'),
  ...drawnAfter(300, 'bob@89'),
  ...drawnAfter(299, 'carol@140'),
  {
    file: 'session/17-timers-listing-report',
    lines: [45, 68, 69],
    clause: 'sessions.md §21',
    why: 'what is no address is not announced, so nothing changes; attempts are in the log of the server',
    effect: { kind: 'absent' },
  },
  {
    file: 'session/17-timers-listing-report',
    lines: [46],
    clause: 'sessions.md §8, §21',
    why: 'what is no address is the mistake of who sent it',
    effect: { kind: 'becomes', message: { type: 'error', message: '' } },
  },
  ...storedWithIndex('session/19-web-record-template', [157, 167]),
  {
    file: 'session/19-web-record-template',
    lines: [179],
    clause: 'formats.md §7',
    why: 'the PenUp of 5 bytes in the template is no valid message, and skipped',
    effect: { kind: 'instead', keys: { count: 2 } },
  },
  {
    file: 'session/19-web-record-template',
    lines: [195],
    clause: 'formats.md §7',
    why: 'the PenUp of 5 bytes in the template is no valid message, and skipped',
    effect: { kind: 'absent' },
  },
];

/** Stored replies name their own place, also where the recorded server left it out. */
function storedWithIndex(file: string, lines: readonly number[]): Difference[] {
  return [
    {
      file,
      lines,
      clause: 'sessions.md §16 OURS, §29.5',
      why: 'every stored reply names its own index',
      effect: { kind: 'instead', keys: { hidx: '*' } },
    },
  ];
}

/** The recorded server's coin made the ban act at ident. */
function loggedInBeforeBan(file: string, name: string): Difference {
  return {
    file,
    lines: [7],
    clause: 'login.md §12',
    why: 'a disguised ban acts at host or join, so the login before it looks like any other',
    effect: {
      kind: 'extra',
      peer: 'c@2',
      messages: [
        {
          flags: ['HOST', 'WEB', 'WEBSESSION', 'WEBHOST'],
          guest: true,
          ident: name,
          message: '',
          state: 'identOk',
          type: 'result',
        },
        { message: 'Welcome', sessions: [], type: 'login' },
      ],
    },
  };
}

/** What a ghost says without the bypass flag is an alert, and is not stored. */
function ghostChat(lines: readonly number[]): Difference[] {
  return [
    {
      file: 'session/07-mod-ghost-kill',
      lines,
      clause: 'sessions.md §7.7 OURS, §29.6',
      why: 'the chat of a ghost always is an alert',
      effect: { kind: 'becomes', message: { type: 'alert', message: 'boo' } },
    },
  ];
}

/** Settings that came with a password; `after`: the line that they follow instead, the last one of the upload. */
function toldWhenHashed(
  file: string,
  places: ReadonlyArray<{ line: number; after: number; peer: string }>,
  config: JsonObject,
): Difference[] {
  const shared = {
    file,
    clause: 'sessions.md §9.1',
    why: 'nobody is told of a password before its hash is stored, so the settings come after the upload',
  };
  const message: JsonObject = {
    type: 'sessionconf',
    config: {
      allowIdleOverride: true,
      authOnly: false,
      autotitle: false,
      closed: null,
      deputies: false,
      forceNsfm: false,
      hasOpword: false,
      hasPassword: true,
      idleOverride: false,
      idleTimeLimit: 0,
      invites: true,
      maxSize: 103809024,
      maxUserCount: 254,
      nsfm: false,
      persistent: false,
      preserveChat: false,
      resetThreshold: 15728640,
      resetThresholdBase: 0,
      resetThresholdMin: 0,
      title: 'Test session',
      ...config,
    },
  };
  return places.flatMap(({ line, after, peer }): Difference[] => [
    { ...shared, lines: [line], effect: { kind: 'absent' } },
    { ...shared, lines: [after], effect: { kind: 'extra', peer, messages: [message] } },
  ]);
}

function toldOfCancel(peer: string): Effect {
  const message: JsonObject = { type: 'alert', message: '', T: 'resetcancel', reset: 'cancel' };
  return { kind: 'extra', peer, messages: [message] };
}

/** Whether a row of the table is about this line. */
export function isAbout(difference: Pick<Difference, 'lines'>, line: number): boolean {
  return difference.lines.some((entry) => {
    if (typeof entry === 'number') {
      return entry === line;
    }
    const [from, to] = entry.split('-').map(Number);
    return line >= from! && line <= to!;
  });
}

function withoutPosition(file: string, line: number): Difference[] {
  return [
    {
      file,
      lines: [line],
      clause: 'sessions.md §16 OURS',
      why: 'someone who has been handed no history yet has no position in it',
      effect: { kind: 'instead', keys: { 'hid*': undefined } },
    },
  ];
}

/** The drawing that applied the recorded server's prepared reset; it comes after the settings with us. */
function drawnAfter(line: number, peer: string): Difference[] {
  return [
    {
      file: 'session/18-edge-cases',
      lines: [line],
      clause: 'sessions.md §14.5',
      why: 'so the settings come before the next drawing, not after it',
      effect: { kind: 'extra', peer, messages: [{ hex: '00008c03' }] },
    },
  ];
}
