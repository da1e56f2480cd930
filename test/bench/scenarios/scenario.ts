// What a scenario is, and the figures that several of them report.

import type { Histogram } from '../load/histogram.js';
import type { RoomOptions } from '../load/room.js';
import type { Target } from '../load/socket.js';
import type { Reading } from '../server/sample.js';
import type { ServerProcess } from '../server/server-process.js';

export const megabyte = 1e6;

export type Figures = Record<string, number>;

/** Where a scenario runs. */
export interface Stage {
  target: Target;
  /** The same server over another transport, where it has that. */
  targetFor: (transport: Target['transport']) => Target;
  /** An empty folder, gone after the run. */
  folder: string;
  /** Sessions outlive a restart of the server. */
  keepsSessions: boolean;
  onError: RoomOptions['onError'];
  /** The server; another one after `restart`. */
  server(): ServerProcess;
  /** Stops the server and starts it again. */
  restart(): Promise<ServerProcess>;
  /** Starts a second server of the same kind beside it, on the same processor; at most once. */
  startAnother(): Promise<Stage['targetFor']>;
}

export interface Outcome {
  /** What is measured; units are in the names. */
  figures: Figures;
  /** What helps to judge the figures. */
  notes: Figures;
  /** How late the generator was at its worst, where it had to keep to a schedule. */
  lagMs?: number;
}

export interface Scenario {
  summary: string;
  /** Can be changed with `--with NAME=VALUE`. */
  params: Figures;
  /** Throws when a receiver did not get every byte, once and in order. */
  run(stage: Stage, params: Figures): Promise<Outcome>;
}

/** A scenario whose `run` knows the names of its parameters. */
export function scenario<P extends Figures>(definition: {
  summary: string;
  params: P;
  run(stage: Stage, params: P): Promise<Outcome>;
}): Scenario {
  return {
    ...definition,
    run: (stage, params) => definition.run(stage, { ...definition.params, ...params }),
  };
}

export function latencies(latency: Histogram): Figures {
  return {
    latencyP50Ms: latency.percentile(0.5),
    latencyP95Ms: latency.percentile(0.95),
    latencyP99Ms: latency.percentile(0.99),
  };
}

/** CPU time of the server per message and per byte that reached a receiver. */
export function deliveryCosts(reading: Reading, delivered: number, bytes: number): Figures {
  return {
    deliveredPerSecond: delivered / reading.seconds,
    cpuMicrosecondsPerDelivered: (reading.cpuSeconds / delivered) * 1e6,
    cpuSecondsPerGB: (reading.cpuSeconds / bytes) * 1e9,
    serverCores: reading.cpuSeconds / reading.seconds,
  };
}

export function runNotes(reading: Reading): Figures {
  return { systemShare: reading.systemShare, generatorCores: reading.generatorCores };
}
