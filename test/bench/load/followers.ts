// Programs that watch a server, in a process of their own: listeners of its events, requests at a fixed rate, and a change
// now and then of which every listener is sent the events. Run with a FollowersOrder as JSON in the first argument; prints a
// FollowersReport as a line of JSON when all listen, and another one at its end, which SIGTERM asks for.

import http, { type IncomingMessage } from 'node:http';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FollowersOrder {
  host: string;
  port: number;
  /** NAME:PASSWORD of the API. */
  auth: string;
  listeners: number;
  /** Requests per second that read. */
  requests: number;
  /** Changes per second. */
  changes: number;
  /** Id of a session whose users are asked for. */
  session: string;
}

export interface FollowersReport {
  listening: number;
  /** Requests that were answered well. */
  answered: number;
  changed: number;
  /** Events over all listeners. */
  events: number;
  /** Of the listener with the fewest events. */
  fewestChanges: number;
  /** Of the slowest requests, one in a hundred. */
  answerP99Ms: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as FollowersOrder;
const reads = [
  '/api/status/',
  '/api/dp/1/server/status',
  '/api/dp/1/session/list',
  '/api/sessions/',
  '/api/users/',
  `/api/dp/1/session/users?input=${encodeURIComponent(JSON.stringify({ session: order.session }))}`,
];
const ownPriority = 10; // where those who draw share a processor with this process, they go first
const listenersPerAddress = 20;
const askers = 20;
const askersAddress = '127.0.201.1';
const settleMs = 20_000;
const changeMark = 'event: setting\ndata: {"when":';
const eventMark = '\nevent: ';

const agent = new http.Agent({ keepAlive: true, maxSockets: askers });
const latencies: number[] = [];
const heard: { events: number; changes: number }[] = [];
let answered = 0;
let changed = 0;
let isOver = false;

function fail(error: Error): void {
  if (isOver) return;
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

const from = (path: string, localAddress: string) => ({
  host: order.host,
  port: order.port,
  localAddress,
  path,
  auth: order.auth,
});

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Resolves with the first event stream bytes; counts from then on. */
function listen(number: number): Promise<void> {
  return new Promise((resolve) => {
    const address = `127.0.200.${1 + Math.floor(number / listenersPerAddress)}`;
    const request = http.get({ ...from('/api/dp/1/events', address), agent: false }, (response) => {
      if (response.statusCode !== 200) fail(new Error(`listener ${number}: status ${response.statusCode}`));
      const own = { events: 0, changes: 0 };
      heard.push(own);
      let rest = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        resolve();
        const text = rest + piece;
        const end = text.lastIndexOf('\n\n') + 2;
        const whole = end < 2 ? '' : text.slice(0, end);
        rest = end < 2 ? text : text.slice(end);
        own.events += count(whole, eventMark);
        own.changes += count(whole, changeMark);
      });
      response.on('close', () => fail(new Error(`listener ${number} was cut off`)));
    });
    request.on('error', fail);
  });
}

async function read(response: IncomingMessage, path: string): Promise<void> {
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece;
  if (response.statusCode !== 200) fail(new Error(`${path}: status ${response.statusCode}: ${text}`));
}

/** Resolves when all of the answer has come. */
async function send(path: string, body?: object): Promise<void> {
  const options = {
    ...from(path, askersAddress),
    agent,
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' } }),
  };
  const response = await new Promise<IncomingMessage>((resolve) => {
    const request = http.request(options, resolve).on('error', fail);
    request.end(body && JSON.stringify(body));
  });
  await read(response, path);
}

async function ask(path: string): Promise<void> {
  const start = performance.now();
  await send(path);
  answered++;
  latencies.push(performance.now() - start);
}

async function change(number: number): Promise<void> {
  await send('/api/dp/1/config/change', { set: { serverTitle: `Title ${process.pid} ${number}` } });
  changed++;
}

/** `perSecond` calls, whatever the server does. */
async function regularly(perSecond: number, call: (number: number) => Promise<void>): Promise<void> {
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (let made = 0; !isOver; ) {
    const due = Math.floor(((performance.now() - start) / 1000) * perSecond);
    while (made < due) calls.push(call(made++));
    await sleep(1);
  }
  await Promise.all(calls);
}

function report(): FollowersReport {
  latencies.sort((a, b) => a - b);
  return {
    listening: heard.length,
    answered,
    changed,
    events: heard.reduce((sum, { events }) => sum + events, 0),
    fewestChanges: heard.reduce((least, { changes }) => Math.min(least, changes), Number.MAX_SAFE_INTEGER),
    answerP99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}
const print = (end?: () => void) => process.stdout.write(`${JSON.stringify(report())}\n`, end);

setPriority(ownPriority);
for (let number = 0; number < order.listeners; number += 50) {
  const few = Math.min(50, order.listeners - number);
  await Promise.all(Array.from({ length: few }, (_, i) => listen(number + i)));
}
const stop = new Promise<void>((resolve) => {
  process.once('SIGTERM', () => {
    isOver = true;
    resolve();
  });
});
print();
const work = [
  regularly(order.requests, (n) => ask(reads[n % reads.length]!)),
  regularly(order.changes, change),
];
await stop;
await Promise.all(work);
// each change is two events with this mark: what was asked for, and that it applies
const settled = performance.now() + settleMs;
while (report().fewestChanges < 2 * changed && performance.now() < settled) await sleep(5);
print(() => process.exit(0));
