// What `dp doctor` looks at: one function per subject, each with findings that say what is the matter and what to
// type. Nothing is changed, and nothing here needs a running server.

import { lookup } from 'node:dns/promises';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import * as path from 'node:path';
import type { Fault } from '../core/errors.js';
import { contradictions } from '../core/settings/contradictions.js';
import type { SettingsReader } from '../core/settings/settings.js';
import type { StartupValues } from '../core/settings/startup.js';
import type { VariableProblem } from '../core/settings/variable-text.js';
import { describeSize } from '../core/units.js';
import { checkSessionFolder } from '../io/disk/session-check.js';
import { readRegular, sizeLimits } from '../io/files/regular-file.js';
import { readCertificate } from '../io/net/certificates.js';
import { HttpClient, HttpProblem, withoutCredentials } from '../io/outside/http-client.js';
import { findDatabaseDamage } from '../io/sqlite/copy-database.js';
import { loadSqlite } from '../io/sqlite/library.js';
import { systemClock } from '../io/system/clock.js';
import { dataFiles } from '../io/system/data-folder.js';
import { shellWord } from '../io/system/user.js';
import { version } from '../io/system/version.js';
import { exposedFiles } from './exposed-files.js';
import { ownAddresses } from './greeting-text.js';

export type FindingLevel = 'ok' | 'note' | 'problem';

export interface Finding {
  subject: string;
  level: FindingLevel;
  text: string;
  /** What to type. */
  fix?: string;
}

/** What the server is told and has, as `dp serve` would start with it. */
export interface Patient {
  settings: SettingsReader;
  startup: StartupValues;
  /** What is wrong with the variables that it starts with. */
  startProblems: readonly VariableProblem[];
  store: 'database' | 'file' | 'memory';
  accounts: readonly { flags: readonly string[] }[];
  /** Whitelist entries that are whole addresses. */
  listServers: readonly string[];
  listServerCount: number;
  /** What is wrong with single rows of what is stored. */
  storedProblems: readonly { message: string; hint?: string }[];
  dataFolder: string;
  database: string | undefined;
  sessions: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

type Examine = (patient: Patient) => Finding[] | Promise<Finding[]>;

const examinations: Readonly<Record<string, Examine>> = {
  program: examineProgram,
  disk: examineDisk,
  permissions: examinePermissions,
  database: examineDatabase,
  sessions: examineSessions,
  ports: examinePorts,
  certificate: examineCertificate,
  name: examineName,
  neighbours: examineNeighbours,
  websocket: examineWebSocket,
  settings: examineSettings,
};

export const subjects = Object.keys(examinations);

/** All findings, subject by subject; one that fails is a finding itself. */
export async function examine(patient: Patient, only: readonly string[] = subjects): Promise<Finding[]> {
  const all = await Promise.all(
    subjects
      .filter((subject) => only.includes(subject))
      .map(async (subject) => {
        try {
          return await examinations[subject]!(patient);
        } catch (error) {
          const { message, hint } = error as Error & { hint?: string };
          const text = `it cannot be checked: ${message}`;
          return [{ subject, level: 'problem' as const, text, ...(hint !== undefined && { fix: hint }) }];
        }
      }),
  );
  return all.flat();
}

const seconds = 1000;
const waitMs = 5 * seconds;
const minimumNode = [20, 19];
const lowBytes = 1024 ** 3;
const tooLowBytes = 100 * 1024 ** 2;
const manyFiles = 4096;
const clockSkewMs = 60 * seconds;

function examineProgram({ now }: Patient): Finding[] {
  const subject = 'program';
  const findings: Finding[] = [{ subject, level: 'ok', text: `dp ${version} on Node ${process.version}` }];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < minimumNode[0]! || (major === minimumNode[0]! && minor < minimumNode[1]!)) {
    findings.push({
      subject,
      level: 'problem',
      text: 'Node is older than 20.19',
      fix: 'install Node 20.19 or newer',
    });
  }
  // Whatever the time zone: a clock that was never set starts far in the past.
  if (new Date(now).getUTCFullYear() < 2025) {
    findings.push({
      subject,
      level: 'problem',
      text: `the clock says ${new Date(now).toISOString()}: certificates and bans go by it`,
      fix: 'timedatectl set-ntp true',
    });
  }
  try {
    loadSqlite();
  } catch (error) {
    const { message, hint } = error as Fault;
    findings.push({ subject, level: 'problem', text: message, ...(hint !== undefined && { fix: hint }) });
  }
  const files = openFileLimit();
  if (files !== undefined && files < manyFiles) {
    findings.push({
      subject,
      level: 'note',
      text: `this process may open ${files} files: each person takes one`,
      fix: `ulimit -n 65536   (a service of 'dp service install' has that)`,
    });
  }
  return findings;
}

function openFileLimit(): number | undefined {
  try {
    const limits = readRegular('/proc/self/limits', sizeLimits.startOptions).bytes.toString('utf8');
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

function examineDisk({ dataFolder, database, sessions, startup }: Patient): Finding[] {
  const subject = 'disk';
  const places = [
    dataFolder,
    database && path.dirname(database),
    sessions,
    startup.record && path.dirname(startup.record),
  ];
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const place of places) {
    const there = place && existing(place);
    if (!there) continue;
    const { bavail, bsize, blocks } = fs.statfsSync(there);
    const device = String(fs.statSync(there).dev);
    if (seen.has(device)) continue;
    seen.add(device);
    const free = bavail * bsize;
    const share = blocks > 0 ? Math.round((bavail / blocks) * 100) : 100;
    const text = `${there}: ${describeSize(free)} free (${share} %)`;
    const level = free < tooLowBytes ? 'problem' : free < lowBytes || share < 5 ? 'note' : 'ok';
    findings.push({
      subject,
      level,
      text,
      ...(level !== 'ok' && {
        fix: `make room; this shows what takes it: du -xh --max-depth=2 ${there} | sort -h | tail`,
      }),
    });
  }
  return findings;
}

/** The folder, or the nearest one above it that is there. */
function existing(place: string): string {
  let at = path.resolve(place);
  while (!fs.existsSync(at)) at = path.dirname(at);
  return at;
}

function examinePermissions({ dataFolder, database, sessions, startup }: Patient): Finding[] {
  const subject = 'permissions';
  const findings: Finding[] = [];
  if (process.geteuid?.() === 0) {
    findings.push({
      subject,
      level: 'note',
      text: 'this runs as root, who may do everything: what the server may do is checked as its user only',
      fix: 'sudo -u dp dp doctor',
    });
  }
  const check = (place: string, mode: number, what: string) => {
    const there = existing(place);
    const isThere = there === path.resolve(place);
    try {
      fs.accessSync(there, isThere ? mode : fs.constants.W_OK | fs.constants.X_OK);
      findings.push({
        subject,
        level: 'ok',
        text: `${place}: ${isThere ? what : `not there yet, can be made`}`,
      });
    } catch {
      const text = isThere ? `${place}: not ${what}` : `${place}: not there, and cannot be made in ${there}`;
      findings.push({ subject, level: 'problem', text, fix: `sudo chown -R ${userName()}: ${there}` });
    }
  };
  const readWrite = fs.constants.R_OK | fs.constants.W_OK;
  const folder = readWrite | fs.constants.X_OK;
  if (database === undefined || sessions === undefined) check(dataFolder, folder, 'readable and writable');
  if (database !== undefined) check(database, readWrite, 'readable and writable');
  if (sessions !== undefined) check(sessions, folder, 'readable and writable');
  if (startup.templates !== undefined)
    check(startup.templates, fs.constants.R_OK | fs.constants.X_OK, 'readable');
  if (startup.record !== undefined) check(path.dirname(startup.record), folder, 'writable');
  for (const file of [startup['ssl-cert'], startup['ssl-key']]) {
    if (file !== undefined) check(file, fs.constants.R_OK, 'readable');
  }
  const key = startup['ssl-key'];
  if (key !== undefined && fs.existsSync(key) && (fs.statSync(key).mode & 0o004) !== 0) {
    findings.push({
      subject,
      level: 'problem',
      text: `${key}: everybody on this machine can read the key`,
      fix: `chmod o-r ${key}`,
    });
  }
  const exposed = exposedFiles({
    files: [database, startup.config, dataFiles(dataFolder).startup].filter((file) => file !== undefined),
    folders: [sessions, startup.record === undefined ? undefined : path.dirname(startup.record)].filter(
      (folder) => folder !== undefined,
    ),
  });
  if (exposed.length > 0) {
    const [first] = exposed;
    const more = exposed.length === 1 ? '' : ` and ${exposed.length - 1} more`;
    findings.push({
      subject,
      level: 'problem',
      text: `${first}${more}: all users of this machine can read passwords, addresses or drawings in it`,
      fix: `chmod o-rwx ${exposed.map(shellWord).join(' ')}`,
    });
  }
  return findings;
}

function userName(): string {
  return process.env.USER || String(process.geteuid?.() ?? '');
}

function examineDatabase({ database, store, storedProblems }: Patient): Finding[] {
  const subject = 'database';
  const findings: Finding[] = [];
  if (database !== undefined && fs.existsSync(database)) {
    const damage = findDatabaseDamage(database);
    if (damage.length === 0) findings.push({ subject, level: 'ok', text: `${database}: whole` });
    for (const text of damage) {
      findings.push({
        subject,
        level: 'problem',
        text: `${database}: ${text}`,
        fix: 'dp backup restore FILE   (or save what can be read: sqlite3 OLD .recover | sqlite3 NEW)',
      });
    }
  } else if (store === 'memory') {
    findings.push({
      subject,
      level: 'note',
      text: 'there is no server data yet',
      fix: 'dp init   (or dp serve, which begins with everything allowed)',
    });
  }
  for (const { message, hint } of storedProblems) {
    findings.push({ subject, level: 'problem', text: message, ...(hint !== undefined && { fix: hint }) });
  }
  return findings;
}

function examineSessions({ sessions }: Patient): Finding[] {
  const subject = 'sessions';
  if (sessions === undefined || !fs.existsSync(sessions)) return [];
  const checked = checkSessionFolder(sessions);
  const bad = checked.sessions.filter(({ problem }) => problem !== undefined);
  const size = checked.sessions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const findings: Finding[] = [
    {
      subject,
      level: 'ok',
      text: `${sessions}: ${checked.sessions.length - bad.length} sessions, ${describeSize(size)}, ${checked.archivedFiles} archived files`,
    },
  ];
  for (const { id, problem } of bad) {
    findings.push({
      subject,
      level: 'problem',
      text: `session ${id} cannot be used: ${problem}`,
      fix: `dp backup restore FILE, or set it aside: mkdir -p ${sessions}/lost && mv ${sessions}/${id}* ${sessions}/lost/`,
    });
  }
  for (const { id, doubts, problem } of checked.sessions) {
    if (doubts.length === 0 || problem !== undefined) continue;
    findings.push({
      subject,
      level: 'problem',
      text: `session ${id} is in doubt: ${doubts.join('; ')}`,
      fix: `dp session repair ${id}`,
    });
  }
  if (checked.orphans.length > 0) {
    findings.push({
      subject,
      level: 'problem',
      text: `histories without a journal, which no session uses: ${some(checked.orphans)}`,
      fix: `dp session adopt ${path.join(sessions, checked.orphans[0]!)}`,
    });
  }
  for (const { warnings } of checked.sessions) {
    for (const text of warnings) findings.push({ subject, level: 'note', text });
  }
  if (checked.strays.length > 0) {
    findings.push({
      subject,
      level: 'note',
      text: `files that no session speaks of: ${some(checked.strays)}`,
    });
  }
  return findings;
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;

async function examinePorts({ startup }: Patient): Promise<Finding[]> {
  const doors = [
    { flag: 'port', port: startup.port, host: startup.listen, isOurs: speaksDrawpile },
    {
      flag: 'websocket-port',
      port: startup['websocket-port'],
      host: startup['websocket-listen'],
      isOurs: async () => true,
    },
    {
      flag: 'web-admin-port',
      port: startup['web-admin-port'],
      host: startup['web-admin-listen'],
      isOurs: async () => true,
    },
  ];
  const findings: Finding[] = [];
  for (const { flag, port, host, isOurs } of doors) {
    if (port === 0) continue;
    const subject = 'ports';
    const bound = await tryToBind(port, host);
    if (bound === undefined) {
      const what = flag === 'port' ? '; the server is not running' : '';
      findings.push({ subject, level: 'ok', text: `--${flag} ${port} is free${what}` });
    } else if (bound === 'EADDRINUSE') {
      const isServer = await isOurs(port, host);
      findings.push(
        isServer
          ? {
              subject,
              level: 'ok',
              text: `--${flag} ${port}: ${flag === 'port' ? 'a Drawpile server answers' : 'somebody listens'}`,
            }
          : {
              subject,
              level: 'problem',
              text: `--${flag} ${port} is taken by something that is no Drawpile server`,
              fix: `this names it: ss -ltnp 'sport = :${port}'   (or choose another: dp serve --${flag} ${port + 1})`,
            },
      );
    } else if (bound === 'EACCES') {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port}: this user may not use ports below 1024`,
        fix: `a service may: sudo dp service install -- --${flag} ${port}   (or choose one from 1024 on)`,
      });
    } else {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port} on ${host ?? 'all addresses'}: ${bound}`,
        fix: 'ip address   shows the addresses that can be listened on',
      });
    }
  }
  return findings;
}

/** Undefined: it can be listened on; else the system's code. */
function tryToBind(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, ...(host !== undefined && { host }), exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

/** Whether a greeting of the protocol comes: a frame of type 0 with JSON of type login. */
export function speaksDrawpile(port: number, host = '127.0.0.1'): Promise<boolean> {
  const at = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect({ port, host: at });
    const done = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), waitMs);
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (text.length >= 3 && text.charCodeAt(2) !== 0) done(false);
      else if (/"type":\s*"login"/.test(text)) done(true);
      else if (text.length > 65_536) done(false);
    });
  });
}

function examineCertificate({ startup, now }: Patient): Finding[] {
  const subject = 'certificate';
  const { 'ssl-cert': certificate, 'ssl-key': key, 'local-host': name } = startup;
  if (certificate === undefined || key === undefined) return [];
  const { leaf, warnings, chain } = readCertificate({ certificate, key }, now);
  const until = new Date(leaf.validTo).toISOString().slice(0, 10);
  const findings: Finding[] = warnings.map((text) => ({
    subject,
    level: 'problem' as const,
    text,
    fix: 'renew it (certbot renew), or make one: dp cert create   (a running server takes the new one by itself)',
  }));
  if (name !== undefined && leaf.checkHost(name) === undefined) {
    findings.push({
      subject,
      level: 'note',
      text: `${certificate} is not for ${name}: browsers refuse it, desktop clients remember it as it is`,
      fix: `get one for that name: certbot certonly --standalone -d ${name}`,
    });
  }
  if (findings.length === 0) {
    findings.push({
      subject,
      level: 'ok',
      text: `${certificate}: valid until ${until}, ${chain.length} in the chain`,
    });
  }
  return findings;
}

async function examineName({ startup }: Patient): Promise<Finding[]> {
  const subject = 'name';
  const name = startup['local-host'];
  if (name === undefined || net.isIP(name)) return [];
  let found: string[];
  try {
    found = (await withLimit(lookup(name, { all: true }), waitMs)).map(({ address }) => address);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return [
      {
        subject,
        level: 'problem',
        text: `${name} cannot be found: ${code ?? message}`,
        fix: `add an address record for ${name} where your domain is registered; check it: getent ahosts ${name}`,
      },
    ];
  }
  if (found.every((address) => /^127\.|^::1$/.test(address))) {
    return [
      {
        subject,
        level: 'note',
        text: `${name} leads to this machine only (${found.join(', ')}), so nobody can tell here where it leads others`,
        fix: `getent ahosts ${name}   on another machine; here /etc/hosts has the last word`,
      },
    ];
  }
  const own = ownAddresses();
  if (found.some((address) => own.includes(address) || net.isIP(address) === 0)) {
    return [{ subject, level: 'ok', text: `${name} leads here (${found.join(', ')})` }];
  }
  return [
    {
      subject,
      level: 'note',
      text: `${name} leads to ${found.join(', ')}, which is none of this machine's addresses (${own.join(', ') || 'none'})`,
      fix: 'right behind a router or proxy that passes the port on; else correct the address record',
    },
  ];
}

function withLimit<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms / seconds} seconds`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function examineNeighbours({ settings, startup, listServers, now }: Patient): Promise<Finding[]> {
  const client = new HttpClient({ clock: keepingClock });
  const asked = [
    ...(startup.extauth !== undefined && settings.get('extauth')
      ? [
          {
            what: 'login server',
            url: startup.extauth,
            fix: 'check --extauth; guests come in meanwhile if extauthfallback is on',
          },
        ]
      : []),
    ...(startup['report-url'] !== undefined && settings.get('abusereport')
      ? [
          {
            what: 'report server',
            url: startup['report-url'],
            fix: 'check --report-url; reports are kept meanwhile',
          },
        ]
      : []),
    ...listServers.map((url) => ({
      what: 'list server',
      url,
      fix: `dp listserver remove ${url}   if it is gone for good`,
    })),
    ...(settings.get('extBansUrl') === ''
      ? []
      : [
          {
            what: 'ban list',
            url: settings.get('extBansUrl'),
            fix: 'dp config set extBansUrl URL; the bans of last time hold meanwhile',
          },
        ]),
  ];
  const findings = await Promise.all(
    asked.map(async ({ what, url, fix }): Promise<Finding[]> => {
      const subject = 'neighbours';
      const shown = withoutCredentials(url).replace(/\?.*$/s, '');
      try {
        // A look, nothing more: what these servers do is asked for by other methods.
        const { status, headers } = await client.request({
          method: 'GET',
          url,
          isTrusted: true,
          timeLimitMs: waitMs,
          sizeLimitBytes: 16 * 1024 ** 2,
        });
        const level = status >= 500 || status === 404 || status === 410 ? 'problem' : 'ok';
        const finding: Finding = {
          subject,
          level,
          text: `${what} ${shown}: answers with ${status}`,
          ...(level !== 'ok' && { fix }),
        };
        return [finding, ...clockFindings(headers.date, shown, now)];
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        return [{ subject, level: 'problem', text: `${what} ${shown}: ${error.message}`, fix }];
      }
    }),
  );
  return findings.flat();
}

/** The system's clock, but its timers keep the command alive. */
const keepingClock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  endOfTurn: (run: () => void) => systemClock.endOfTurn(run),
};

function clockFindings(date: string | undefined, from: string, now: number): Finding[] {
  const theirs = Date.parse(date ?? '');
  const skew = Math.abs(theirs - now);
  if (Number.isNaN(theirs) || skew < clockSkewMs) return [];
  return [
    {
      subject: 'clock',
      level: 'problem',
      text: `this machine's clock and that of ${from} differ by ${Math.round(skew / seconds)} seconds`,
      fix: 'timedatectl set-ntp true',
    },
  ];
}

async function examineWebSocket({ startup }: Patient): Promise<Finding[]> {
  const subject = 'websocket';
  const port = startup['websocket-port'];
  if (port === 0) return [];
  const name = startup['local-host'];
  const host = startup['websocket-listen'] ?? '127.0.0.1';
  const findings: Finding[] = [];
  const local = await upgrade(
    `http://${bracketed(host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host)}:${port}/drawpile-web/ws`,
  );
  if (local !== 'ok') {
    return [
      {
        subject,
        level: 'note',
        text: `port ${port} does not answer as a WebSocket: ${local}`,
        fix: 'start the server, then look again: dp serve',
      },
    ];
  }
  findings.push({ subject, level: 'ok', text: `port ${port} answers as a WebSocket` });
  if (name === undefined) return findings;
  const outside = await upgrade(`https://${bracketed(name)}/drawpile-web/ws`);
  findings.push(
    outside === 'ok'
      ? { subject, level: 'ok', text: `browsers get through by https://${name}/drawpile-web/ws` }
      : {
          subject,
          level: 'problem',
          text: `browsers don't get through by https://${name}/drawpile-web/ws: ${outside}`,
          fix: `pass /drawpile-web/ws on to http://127.0.0.1:${port} with upgrade (the guide has nginx and Caddy examples)`,
        },
  );
  return findings;
}

function bracketed(host: string): string {
  return net.isIP(host) === 6 ? `[${host}]` : host;
}

/** Asks for a WebSocket; `ok` when it is granted, else why not. */
export function upgrade(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = (url.startsWith('https:') ? https : http).request(url, {
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('dp doctor looks!').toString('base64'),
      },
    });
    const done = (answer: string) => {
      clearTimeout(timer);
      request.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(`no answer within ${waitMs / seconds} seconds`), waitMs);
    request.on('upgrade', () => done('ok'));
    request.on('response', ({ statusCode }) => done(`it answers with ${statusCode}, not with an upgrade`));
    request.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    request.end();
  });
}

function examineSettings(patient: Patient): Finding[] {
  const { settings, startup, accounts, listServerCount: listServers, store, sessions } = patient;
  const facts = { settings, startup, accounts, listServers, store, keepsSessions: sessions !== undefined };
  const found = contradictions.filter(({ applies }) => applies(facts));
  const subject = 'settings';
  const findings: Finding[] = [
    ...patient.startProblems.map(({ message, hint }) => ({
      subject,
      level: 'problem' as const,
      text: message,
      ...(hint !== undefined && { fix: hint }),
    })),
    ...found.map(({ level, text, fix }) => ({ subject, level, text, fix })),
  ];
  return findings.length > 0 ? findings : [{ subject, level: 'ok', text: 'nothing contradicts itself' }];
}
