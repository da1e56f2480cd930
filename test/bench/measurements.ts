// TABLE of measurements, in the order in which they run: which load on which server, compared with which other one,
// and what must be reached. To measure something new: a row here, and a scenario if none fits.

import { catchUp } from './scenarios/catch-up.js';
import { conversion } from './scenarios/conversion.js';
import { crowd } from './scenarios/crowd.js';
import { followed } from './scenarios/events.js';
import { fanOut } from './scenarios/fan-out.js';
import { idle } from './scenarios/idle.js';
import { instructions } from './scenarios/instructions.js';
import { joinStorm } from './scenarios/join-storm.js';
import { restart } from './scenarios/restart.js';
import { saturation } from './scenarios/saturation.js';
import type { Figures, Scenario } from './scenarios/scenario.js';
import { smallSessions } from './scenarios/small-sessions.js';
import { start } from './scenarios/start.js';
import { upload } from './scenarios/upload.js';
import type { ServerKind } from './servers.js';

export type Bound =
  /** Ours divided by the other server's, in the same pair. */
  | { kind: 'ratioAtMost' | 'ratioAtLeast'; value: number }
  /** In the figure's own unit; `orRatio`: good as well when no worse than so many times the other's. */
  | { kind: 'atMost'; value: number; orRatio?: number }
  | { kind: 'atLeast'; value: number };

export interface Target {
  figure: string;
  label: string;
  unit: string;
  bound: Bound;
}

export interface Measurement {
  name: string;
  scenario: Scenario;
  /** What differs from the scenario's own parameters. */
  params?: Figures;
  /** Undefined: the scenario needs none. */
  server?: ServerKind;
  /** Undefined: only absolute figures. */
  other?: ServerKind;
  /** Where one run takes long. */
  pairsAtMost?: number;
  targets: readonly Target[];
  /** What a profile says costs the most, printed where a target is missed. README.md has the shares. */
  limit?: string;
}

const limitOfWrites =
  'a write per receiver: three quarters are the kernel and Node around it, a relay on node:net alone needs as much';

const limitOfFiles = 'the write of each batch by the thread pool, and the call that says that it is done';

const cpuPerDelivered = (label: string, relays: number): Target => ({
  figure: 'cpuMicrosecondsPerDelivered',
  label: `${label}: CPU per delivered message`,
  unit: 'µs',
  bound: { kind: 'ratioAtMost', value: relays },
});

const cpuOfFiles = (label: string): Target => ({
  figure: 'cpuMicrosecondsPerDelivered',
  label: `${label}: CPU per delivered message`,
  unit: 'µs',
  bound: { kind: 'ratioAtMost', value: 1.15 },
});

const listening = (label: string): Target => ({
  figure: 'listeningMs',
  label: `${label}: from start to listening`,
  unit: 'ms',
  bound: { kind: 'atMost', value: 2000 },
});

export const measurements: readonly Measurement[] = [
  {
    name: 'fan-out-50',
    scenario: fanOut,
    server: 'memory',
    other: 'relay',
    targets: [cpuPerDelivered('fan-out, 50 users', 1.4)],
    limit: limitOfWrites,
  },
  {
    name: 'fan-out-200',
    scenario: fanOut,
    params: { users: 200 },
    server: 'memory',
    other: 'relay',
    targets: [cpuPerDelivered('fan-out, 200 users', 1.25)],
    limit: limitOfWrites,
  },
  {
    name: 'saturation',
    scenario: saturation,
    server: 'memory',
    other: 'relay',
    targets: [cpuPerDelivered('saturation', 1.5)],
    limit: limitOfWrites,
  },
  {
    name: 'catch-up',
    scenario: catchUp,
    server: 'memory',
    other: 'relay',
    targets: [
      {
        figure: 'cpuSecondsPerGB',
        label: 'catch-up of 50 MB by 10: CPU per GB',
        unit: 's',
        bound: { kind: 'ratioAtMost', value: 1.2 },
      },
      {
        figure: 'peakAboveIdleAndHistoryMB',
        label: 'the same: peak above idle process and history',
        unit: 'MB',
        bound: { kind: 'atMost', value: 50 },
      },
    ],
    limit:
      'the kernel copies (70 % of it, as in the relay); the rest is code that is compiled in a run this short',
  },
  {
    name: 'small-sessions',
    scenario: smallSessions,
    server: 'memory',
    other: 'relay',
    targets: [
      cpuPerDelivered('100 sessions of 3 users', 1.5),
      {
        figure: 'latencyP95Ms',
        label: 'the same: p95 latency',
        unit: 'ms',
        bound: { kind: 'atMost', value: 5, orRatio: 2 },
      },
    ],
    limit: limitOfWrites,
  },
  {
    name: 'upload',
    scenario: upload,
    server: 'memory',
    other: 'relay',
    targets: [
      {
        figure: 'megabytesPerSecond',
        label: 'upload of a 50 MB canvas by the host: rate',
        unit: 'MB/s',
        bound: { kind: 'ratioAtLeast', value: 0.7 },
      },
    ],
    limit:
      'the kernel needs as much as in the relay; besides, code that is compiled in a run this short, garbage collection for the blocks, and what goes back to the host',
  },
  {
    name: 'idle',
    scenario: idle,
    server: 'memory',
    other: 'relay',
    targets: [
      {
        figure: 'kilobytesPerConnection',
        label: '1,000 idle connections: memory each',
        unit: 'kB',
        bound: { kind: 'atMost', value: 12 },
      },
    ],
    limit:
      'objects of the person and of the socket and streams of Node; what the joins made V8 compile is counted as well',
  },
  {
    name: 'join-storm',
    scenario: joinStorm,
    server: 'memory',
    other: 'relay',
    targets: [
      {
        figure: 'cpuMsPerJoin',
        label: 'join storm: CPU per join, log replay included',
        unit: 'ms',
        bound: { kind: 'ratioAtMost', value: 3 },
      },
      {
        figure: 'joinsPerSecond',
        label: 'the same: joins per second',
        unit: '/s',
        bound: { kind: 'atLeast', value: 1000 },
      },
    ],
    limit:
      'the relay has 4 messages to say and dp 20, with the log; a relay on node:net alone needs 2.5 × as much as the one in C',
  },
  {
    name: 'stored-fan-out',
    scenario: fanOut,
    server: 'stored',
    other: 'memory',
    targets: [cpuOfFiles('drawing with files, 50 users')],
    limit: limitOfFiles,
  },
  {
    name: 'stored-small-sessions',
    scenario: smallSessions,
    server: 'stored',
    other: 'memory',
    targets: [cpuOfFiles('drawing with files, 100 sessions of 3 users')],
    limit: limitOfFiles,
  },
  {
    name: 'stored-few-sessions',
    scenario: smallSessions,
    params: { sessions: 20 },
    server: 'stored',
    other: 'memory',
    targets: [cpuOfFiles('drawing with files, 20 sessions of 3 users')],
    limit: limitOfFiles,
  },
  {
    name: 'synced-small-sessions',
    scenario: smallSessions,
    server: 'synced',
    other: 'stored',
    targets: [],
  },
  {
    name: 'stored-catch-up',
    scenario: catchUp,
    server: 'stored',
    other: 'memory',
    targets: [
      {
        figure: 'megabytesPerSecond',
        label: 'catch-up from files: rate',
        unit: 'MB/s',
        bound: { kind: 'ratioAtLeast', value: 0.8 },
      },
      {
        figure: 'cpuSecondsPerGB',
        label: 'the same: CPU per GB',
        unit: 's',
        bound: { kind: 'ratioAtMost', value: 1.15 },
      },
    ],
    limit:
      'reading 50 MB back once, spread over ten: memory that is new to the process and its garbage collection, and code compiled after the restart',
  },
  {
    name: 'instructions',
    scenario: instructions,
    server: 'counted',
    pairsAtMost: 1,
    targets: [],
  },
  {
    name: 'start',
    scenario: start,
    server: 'memory',
    targets: [
      {
        figure: 'greetedMs',
        label: 'start, nothing stored: until someone is greeted',
        unit: 'ms',
        bound: { kind: 'atMost', value: 400 },
      },
      {
        figure: 'cpuSeconds',
        label: 'the same: CPU',
        unit: 's',
        bound: { kind: 'atMost', value: 0.5 },
      },
      {
        figure: 'residentMB',
        label: 'the same: resident memory',
        unit: 'MB',
        bound: { kind: 'atMost', value: 75 },
      },
    ],
  },
  {
    name: 'restart-200',
    scenario: restart,
    server: 'stored',
    pairsAtMost: 2,
    targets: [listening('200 sessions of 5 MB')],
  },
  {
    name: 'restart-1000',
    scenario: restart,
    params: { sessions: 1000 },
    server: 'stored',
    pairsAtMost: 1,
    targets: [listening('1,000 sessions of 5 MB')],
  },
  {
    name: 'conversion',
    scenario: conversion,
    pairsAtMost: 3,
    targets: (['421', '424', '425'] as const).flatMap((generation) =>
      (['toText', 'toBinary'] as const).map((way) => ({
        figure: `${way}${generation}MBPerSecond`,
        label: `recording of ${generation[0]}.${generation.slice(1)}, ${way === 'toText' ? 'binary to text' : 'text to binary'}`,
        unit: 'MB/s',
        bound: { kind: 'atLeast', value: 10 } as const,
      })),
    ),
  },
  {
    name: 'websocket-fan-out',
    scenario: fanOut,
    server: 'websocket',
    other: 'memory',
    targets: [
      {
        figure: 'cpuMicrosecondsPerDelivered',
        label: 'WebSocket, 50 users: CPU per delivered message',
        unit: 'µs',
        bound: { kind: 'ratioAtMost', value: 1.3 },
      },
    ],
    limit: 'the header of each frame, and its write in two pieces',
  },
  {
    name: 'tls-fan-out',
    scenario: fanOut,
    server: 'tls',
    other: 'memory',
    targets: [
      {
        figure: 'cpuMicrosecondsWithoutOpenSsl',
        label: 'TLS, 50 users: CPU per delivered message, OpenSSL taken out',
        unit: 'µs',
        bound: { kind: 'ratioAtMost', value: 1.3 },
      },
    ],
    limit: "a request object and a callback for each write over Node's TLS, and what libc does for OpenSSL",
  },
  {
    name: 'web-fan-out',
    scenario: fanOut,
    server: 'web',
    other: 'memory',
    targets: [
      {
        figure: 'cpuMicrosecondsPerDelivered',
        label: 'TCP, 50 users, with a web port beside it: CPU per delivered message',
        unit: 'µs',
        bound: { kind: 'ratioAtMost', value: 1.05 },
      },
    ],
  },
  { name: 'tls-catch-up', scenario: catchUp, server: 'tls', other: 'memory', targets: [] },
  {
    name: 'crowd',
    scenario: crowd,
    server: 'open',
    pairsAtMost: 2,
    targets: [
      {
        figure: 'laterP99Ms',
        label: '2,000 connections, half of them hostile: p99 latency beyond that without them',
        unit: 'ms',
        bound: { kind: 'atMost', value: 100 },
      },
    ],
  },
  {
    name: 'events',
    scenario: followed,
    server: 'web',
    pairsAtMost: 1,
    targets: [
      {
        figure: 'p99Times',
        label:
          '200 people draw beside 500 listeners of events and 200 requests/s: p99 latency, times that without',
        unit: '×',
        bound: { kind: 'atMost', value: 1.2 },
      },
      {
        figure: 'p99TimesOfElsewhere',
        label:
          'the same, times that beside the same listeners and requests at another server of this machine',
        unit: '×',
        bound: { kind: 'atMost', value: 1.2 },
      },
    ],
    limit:
      'sharing a processor: the same listeners and requests at another server there delay drawing three times (p99TimesElsewhere); the rest are collections of garbage, and requests one in a turn',
  },
];
