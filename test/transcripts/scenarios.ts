// Which conversations there are and in what situation each is replayed: read from the setup.json files, plus what
// those say only in words.

import { readdirSync, readFileSync } from 'node:fs';
import { changeOpenSession, sayInSession } from '../../src/lib/admin/session-actions.js';
import { byAdministrator } from '../../src/lib/core/session/actor.js';
import { endSession } from '../../src/lib/core/session/ending.js';
import type { Session } from '../../src/lib/core/session/session.js';
import { Client } from '../helpers/client.js';
import type { MockAnswer } from '../helpers/mock-server.js';
import { command, frame, type JsonObject, messageType } from '../helpers/wire.js';
import { type Conversation, type ReadOptions, readConversation } from './capture.js';
import type { Plan, Replay, TemplateFile } from './replay.js';
import { tokenKey, withOwnToken } from './tokens.js';

export interface ScenarioAccount {
  name: string;
  password: string | null;
  flags: readonly string[];
  locked?: boolean;
}

export interface Scenario {
  /** Path below test/vectors, without its ending. */
  file: string;
  /** Files of the same server run that come first. */
  before: readonly string[];
  settings: Readonly<Record<string, string>>;
  accounts: readonly ScenarioAccount[];
  addressBans: readonly string[];
  systemBans: ReadonlyArray<{ sid: string; reaction: string }>;
  /** Sessions are kept in a folder. */
  hasSessionsFolder?: boolean;
  /** What the external service of the server answers, where there is one. */
  mock?: MockAnswer;
  /** `--local-host` */
  localHost?: string;
  /** Key that seals exported ban lists. */
  hasCryptKey: boolean;
  /** What it is mainly about: `part1` … as in the setup files; `part4`: accounts, bans and settings. */
  needs: readonly string[];
  /** The server had a certificate. */
  hasTls: boolean;
  /** The server had a port for WebSocket. */
  hasWebSockets: boolean;
}

interface LoginSetup {
  config: Record<string, string>;
  sections: {
    users: ScenarioAccount[];
    ipbans: string[];
    systembans: Array<{ sid: string; reaction: string }>;
  };
  flags?: string[];
  sessions: Array<{ members: Array<{ name: string }> }>;
  startsFrom: string | null;
  needs: string;
  peer: string;
  clientCloses?: number[];
  mock?: { statusByUsername: Record<string, string> };
}

interface SessionSetup {
  chains: Array<{
    id: string;
    files: string[];
    config: Record<string, string>;
    accounts: ScenarioAccount[];
    flags: string[];
    peer?: string;
  }>;
  files: Record<
    string,
    {
      chain: string;
      peer: string;
      needs: string;
      alreadyConnected?: string[];
      clientCloses?: number[];
      alsoNeeds?: Array<{ part: string; lines: string; why: string }>;
    }
  >;
}

type Hint = Partial<Plan> & ReadOptions;

/** What the setup files say in words only. */
const hints: Readonly<Record<string, Hint>> = {
  'login/s23-guest-join-4.25': { continues: { host: 'hostuser' } },
  'login/s23-kick-ban-invite': {
    continues: { host: 'hostuser' },
    windows: {
      host: [
        [44, 55],
        [120, 205],
      ],
    },
  },
  'login/s21-guest-join-4.21.2': { continues: { host: 'oldhost' } },
  'login/s23-session-list-updates': {
    // A client that is not recorded hosts, completes, and leaves.
    actions: [
      { before: 10, run: hostAsTemp },
      { before: 13, run: leaveAsTemp },
    ],
  },
  'login/s23-keepalive-and-pings': {
    comparesPings: true,
    silent: new Set(['host']),
    actions: [{ before: 37, run: (replay) => replay.stopServer() }],
  },
  'login/s23-idle-timeout-3s': { silent: new Set(['c']) },
  'login/s23-banned-sid-hang': { silent: new Set(['c']) },
  'login/s23-banned-sid-garbage': { silent: new Set(['c']) },
  'login/s23-extauth-login': {
    rewrites: { 5: (message, replay) => withOwnToken(message, replay.values) },
  },
  'login/s23-extauth-bad-token': {
    rewrites: { 5: (message, replay) => withOwnToken(message, replay.values) },
  },
  'login/s23-extauth-statuses': {
    actions: [{ before: 30, run: (replay) => replay.target.stopExternalService() }],
  },
  'login/s23-starttls': { silent: new Set(['tls']) },
  'login/s23-starttls-twice': { silent: new Set(['tls']) },
  'login/s23-websocket-app-host': { webSockets: { ws: { path: '/drawpile-web/ws?user=x' } } },
  'login/s23-websocket-browser-join': {
    webSockets: {
      browser: {
        // The offered sub-protocol is left out: our client insists that an offer is taken up, the server ignores it.
        headers: { Origin: 'https://web.example.com', 'X-Real-IP': '192.0.2.7' },
      },
    },
    actions: [
      { before: 32, run: (replay) => sendRawFrames(replay) },
      { before: 34, run: (replay) => replay.wireOf('browser@2')?.end() },
    ],
  },
  'login/s23-websocket-kick-close': { webSockets: { ws: {} } },
  'session/12-history-skip': {
    // Two connections of bob at once; the setup says by their content which rows are the older one's.
    cutOff: new Set(['frank@800', 'carol@870']),
    // sessions.md §5.1 OURS: guests get their roles back; the recorded server has forgotten bob's.
    actions: [{ before: 53, run: (replay) => replay.target.forgetGuests() }],
    belongs: { 705: 'bob@53', 706: 'bob@53', 719: 'bob@53' },
  },
  'session/16-file-backed-restore': {
    actions: [
      { before: 86, run: (replay) => replay.target.forgetGuests() },
      { before: 86, run: (replay) => replay.stopServer() },
      { before: 90, run: (replay) => replay.target.restart() },
    ],
  },
  'session/17-timers-listing-report': {
    comparesPings: true,
    silent: new Set(['alice', 'lobby', 'silent']),
  },
  'session/19-web-record-template': {
    webSockets: { desk: {}, browser: { headers: { Origin: 'https://web.example' } } },
    // The recording ends when alice hangs up.
    cutOff: new Set(['desk@33']),
    reopens: [75],
    unrecorded: [
      { after: 33, peer: 'desk@33', sends: command('ident', ['desk']) },
      { after: 35, peer: 'desk@33', sends: joinFromWeb('deaa') },
      { after: 55, peer: 'browser@55', sends: command('ident', ['browser']) },
      { after: 57, peer: 'browser@55', sends: joinFromWeb('baaaaea') },
      { after: 75, peer: 'browser@75', sends: command('ident', ['browser']) },
      { after: 77, peer: 'browser@75', sends: joinFromWeb('baaaaea', { password: 'pw' }) },
      { after: 168, peer: 'desk@33', closes: true },
    ],
    actions: [{ before: 171, run: (replay) => replay.target.restart([roomTemplate()]) }],
  },
  'session/18-edge-cases': {
    actions: [
      { before: 634, run: (replay) => askForThumbnail(replay) },
      { before: 647, run: (replay) => changeAsAdministrator(replay) },
      { before: 665, run: (replay) => endSession(sessionOf(replay), byAdministrator, { isQuiet: true }) },
    ],
  },
  'session/15-shutdown': { actions: [{ before: 38, run: (replay) => replay.stopServer() }] },
};

function externalLoginMock(statusByUsername: Readonly<Record<string, string>>): MockAnswer {
  return ({ body }) => {
    const { username } = body as { username: string };
    return {
      headers: { 'content-type': 'application/json' },
      body: { status: statusByUsername[username] ?? statusByUsername['*'] },
    };
  };
}

/** The recorded listing and report server: session/setup.json, 17-timers-listing-report. */
const listingMock: MockAnswer = ({ method, path }) => {
  if (method === 'POST' && path.startsWith('/api/sessions')) {
    return { body: { id: 5, key: 'k', expires: 6, message: 'hello host' } };
  }
  return { body: method === 'PUT' ? { status: 'ok', responses: { 5: 'error' }, errors: { 5: 'gone' } } : {} };
};

/** How the unrecorded WebSocket clients join: session/setup.json, 19-web-record-template. */
function joinFromWeb(sid: string, more: JsonObject = {}): Buffer {
  return command('join', ['01m812h1gpa42hxtb5ge1qxzrq'], {
    app_version: '2.3.1',
    protocol_version: 'dp:4.25.1',
    qt_version: '6.8.0',
    os: 'test',
    s: sid.padEnd(32, '0'),
    ...more,
  });
}

/** The template of the same file. */
function roomTemplate(): TemplateFile {
  const header = JSON.stringify({
    version: 'dp:4.25.1',
    title: 'From template',
    maxUserCount: '5',
    founder: 'admin',
    password: 'plain;tp',
    persistent: 'true',
    nsfm: 'true',
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(header));
  const content = Buffer.concat([
    Buffer.from('DPREC\0'),
    length,
    Buffer.from(header),
    frame(messageType.resize, 1, Buffer.from('00000000000004000000030000000000', 'hex')),
    frame(messageType.penUp, 1, 'AAAAA'),
  ]);
  return { name: 'room.dprec', content };
}

/** A ping and a text frame of WebSocket's own, which the recorder did not note. */
function sendRawFrames(replay: Replay): void {
  const wire = replay.wireOf('browser@2');
  wire?.sendRaw('ping', 'ping');
  wire?.sendRaw('text', 'hi');
}

/** The session of which the administrators' recorded requests are. */
function sessionOf(replay: Replay): Session {
  const [session] = [...replay.target.running.directory.all];
  return session!;
}

/** `POST /api/sessions/<id>/2/thumbnail`, as its handler does it. */
function askForThumbnail(replay: Replay): void {
  const session = sessionOf(replay);
  const options = { maxWidth: 100, maxHeight: 100, quality: 80, format: 'jpeg' };
  session.thumbnails.request(byAdministrator, session.people.get(2)!, options, 'test');
}

/** `PUT /api/sessions/<id>`, as its handler does it. */
function changeAsAdministrator(replay: Replay): void {
  const session = sessionOf(replay);
  changeOpenSession(session, byAdministrator, { unlisted: true, overrideSize: '5mb' });
  sayInSession(session, byAdministrator, 'hello all', false);
  sayInSession(session, byAdministrator, 'attention', true);
}

const temps = new WeakMap<Replay, Client>();

async function hostAsTemp(replay: Replay): Promise<void> {
  const temp = await Client.open(replay.target.port, { name: 'temp' });
  temps.set(replay, temp);
  await temp.logIn('host');
  await temp.host({ userId: 5, title: 'Temp' });
}

async function leaveAsTemp(replay: Replay): Promise<void> {
  await temps.get(replay)?.leave();
}

/** The recorded server does not know `title` and ignored it; ours reads it as serverTitle (manual.txt). */
function withoutTitle({ title, ...config }: Record<string, string>): Record<string, string> {
  return config;
}

function hasFlag(setup: LoginSetup, flag: string): boolean {
  return setup.flags?.some((text) => text.startsWith(flag)) ?? false;
}

function readSetup<T>(folder: string): T {
  return JSON.parse(readFileSync(`test/vectors/${folder}/setup.json`, 'utf8')) as T;
}

const loginSetup = readSetup<Record<string, LoginSetup>>('login');
const sessionSetup = readSetup<SessionSetup>('session');

export const loginScenarios: readonly Scenario[] = Object.entries(loginSetup).map(([name, setup]) => {
  const before: string[] = [];
  for (let at = setup.startsFrom; at !== null; at = loginSetup[at]!.startsFrom) {
    before.unshift(`login/${at}`);
  }
  return {
    file: `login/${name}`,
    before,
    settings:
      setup.config.extauthkey === undefined ? setup.config : { ...setup.config, extauthkey: tokenKey },
    accounts: setup.sections.users,
    addressBans: setup.sections.ipbans,
    systemBans: setup.sections.systembans,
    needs: [setup.needs],
    hasTls: hasFlag(setup, '--ssl-cert'),
    hasWebSockets: hasFlag(setup, '--websocket-port'),
    hasCryptKey: false,
    ...(setup.mock === undefined ? {} : { mock: externalLoginMock(setup.mock.statusByUsername) }),
  };
});

export const sessionScenarios: readonly Scenario[] = Object.entries(sessionSetup.files).map(
  ([name, setup]) => {
    const chain = sessionSetup.chains.find(({ id }) => id === setup.chain)!;
    return {
      file: `session/${name}`,
      before: chain.files.slice(0, chain.files.indexOf(name)).map((file) => `session/${file}`),
      settings: withoutTitle(chain.config),
      accounts: chain.accounts,
      addressBans: [],
      systemBans: [],
      needs: [setup.needs],
      hasTls: false,
      hasWebSockets: name.includes('web'),
      hasCryptKey: chain.flags.some((flag) => flag.startsWith('--crypt-key')),
      hasSessionsFolder: chain.flags.some((flag) => flag.startsWith('--sessions')),
      ...(chain.id === 'I' ? { mock: listingMock, localHost: 'example.test' } : {}),
    };
  },
);

export const realClientScenarios: readonly Scenario[] = readdirSync('test/vectors/real-client')
  .filter((name) => /\.jsonl(\.gz)?$/.test(name))
  .map((name) => {
    const file = name.replace(/\.jsonl(\.gz)?$/, '');
    return {
      file: `real-client/${file}`,
      before: [],
      settings: {
        allowGuests: 'true',
        allowGuestHosts: 'true',
        persistence: 'true',
        emptySessionLingerTime: '0',
        ...(file.includes('autoreset') ? { autoResetThreshold: '20KB', sessionSizeLimit: '10MB' } : {}),
      },
      accounts: [{ name: 'anna', password: 'secret123', flags: ['HOST'] }],
      addressBans: [],
      systemBans: [],
      hasCryptKey: false,
      needs: [file.includes('reset') || file.includes('full') ? 'part2' : 'part1'],
      hasTls: false,
      hasWebSockets: false,
    };
  });

/** A file as it is replayed, and the plan for it; `next`: the file of the same run that follows, if one does. */
export function prepare(file: string, next: string | undefined): { conversation: Conversation; plan: Plan } {
  const [folder, name] = file.split('/') as [string, string];
  const hint = hints[file] ?? {};
  const login = folder === 'login' ? loginSetup[name] : undefined;
  const session = folder === 'session' ? sessionSetup.files[name] : undefined;
  const ending = file === 'real-client/23-full-on-23' ? '.jsonl.gz' : '.jsonl';
  const conversation = readConversation(`${file}${ending}`, hint);
  const clientCloses = new Set(login?.clientCloses ?? session?.clientCloses ?? []);
  for (const row of conversation.rows) {
    if (row.kind === 'closed' && row.by === 'client') {
      clientCloses.add(row.line);
    }
  }
  moveCloses(conversation, clientCloses);
  const plan: Plan = {
    clientCloses,
    continues: hint.continues ?? {},
    stay: membersOf(next),
    windows: hint.windows ?? {},
    actions: hint.actions ?? [],
    silent: hint.silent ?? new Set(),
    rewrites: hint.rewrites ?? {},
    webSockets: hint.webSockets ?? {},
    cutOff: hint.cutOff ?? new Set(),
    comparesPings: hint.comparesPings ?? false,
    isOldServer: (login?.peer ?? session?.peer) === '2.1' || file.endsWith('-on-21'),
  };
  return { conversation, plan };
}

/** Users whose connections are there when a file begins. */
function membersOf(file: string | undefined): ReadonlySet<string> {
  const [folder, name] = (file ?? '/').split('/') as [string, string];
  if (folder === 'login') {
    return new Set(loginSetup[name]!.sessions.flatMap(({ members }) => members.map((member) => member.name)));
  }
  return new Set(folder === 'session' ? sessionSetup.files[name]!.alreadyConnected : []);
}

/** Milliseconds within which what others saw of a close may stand before the close itself. */
const closeLag = 20;

/**
 * The recorders note that a client has hung up when its socket is gone; what the others saw of it can stand
 * before. So the close is moved up before that.
 */
function moveCloses({ rows }: Conversation, clientCloses: ReadonlySet<number>): void {
  for (const row of rows.filter((each) => each.kind === 'closed' && clientCloses.has(each.line))) {
    const from = rows.indexOf(row);
    let to = from;
    for (; to > 0; to--) {
      const before = rows[to - 1]!;
      if (before.kind !== 'received' || before.time < row.time - closeLag || row.kind !== 'closed') {
        break;
      }
      if (before.peer === row.peer) {
        break;
      }
    }
    rows.splice(from, 1);
    rows.splice(to, 0, row);
  }
}
