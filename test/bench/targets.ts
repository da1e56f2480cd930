// TABLE of what the server must reach. A row names a figure of a scenario and its bound; the bench prints both.

export type Bound =
  /** Ours divided by the bare relay's, in the same pair. */
  | { kind: 'ratio'; atMost: number }
  /** In the figure's own unit; `orRatio`: good as well when no worse than so many times the relay's. */
  | { kind: 'atMost'; value: number; orRatio?: number }
  | { kind: 'atLeast'; value: number };

export interface Target {
  scenario: string;
  figure: string;
  label: string;
  unit: string;
  bound: Bound;
}

const cpu = 'cpuMicrosecondsPerDelivered';
const ratio = (atMost: number): Bound => ({ kind: 'ratio', atMost });

// biome-ignore format: a table is read by columns
export const targets: readonly Target[] = [
  { scenario: 'fan-out-50', figure: cpu, label: 'fan-out, 50 users: CPU per delivered message', unit: 'µs', bound: ratio(1.7) },
  { scenario: 'fan-out-200', figure: cpu, label: 'fan-out, 200 users: CPU per delivered message', unit: 'µs', bound: ratio(1.5) },
  { scenario: 'saturation', figure: cpu, label: 'saturation: CPU per delivered message', unit: 'µs', bound: ratio(1.5) },
  { scenario: 'catch-up', figure: 'cpuSecondsPerGB', label: 'catch-up of 50 MB by 10: CPU per GB', unit: 's', bound: ratio(1.4) },
  { scenario: 'catch-up', figure: 'peakAboveIdleAndHistoryMB', label: 'the same: peak above idle process and history', unit: 'MB', bound: { kind: 'atMost', value: 50 } },
  { scenario: 'small-sessions', figure: cpu, label: '100 sessions of 3 users: CPU per delivered message', unit: 'µs', bound: ratio(1.9) },
  { scenario: 'small-sessions', figure: 'latencyP95Ms', label: 'the same: p95 latency', unit: 'ms', bound: { kind: 'atMost', value: 5, orRatio: 2 } },
  { scenario: 'upload', figure: 'megabytesPerSecond', label: 'upload of a 50 MB canvas by the host', unit: 'MB/s', bound: { kind: 'atLeast', value: 100 } },
  { scenario: 'idle', figure: 'kilobytesPerConnection', label: '1,000 idle connections: memory each', unit: 'kB', bound: { kind: 'atMost', value: 20 } },
  { scenario: 'join-storm', figure: 'cpuMsPerJoin', label: 'join storm: CPU per join, log replay included', unit: 'ms', bound: { kind: 'atMost', value: 1 } },
];
