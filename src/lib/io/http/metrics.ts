// TABLE of the metrics for Prometheus (`/metrics`). All are read from the server at each scrape; only the delay of
// the event loop is measured for their sake. To add one: a row.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LiveServer } from '../../admin/live.js';
import { failureClasses, failureRow } from '../../core/certificates/failures.js';

interface Scrape {
  live: LiveServer;
  sessions: readonly { users: number; historyBytes: number; isActive: boolean }[];
  connections: readonly { transport: string; unsentBytes: number }[];
  loop: { meanSeconds: number; p99Seconds: number; mostSeconds: number };
}

/** One value, or one for each value of the label. */
type Value = number | ReadonlyMap<string, number>;

interface Metric {
  name: string;
  help: string;
  kind: 'gauge' | 'counter';
  label?: string;
  read(scrape: Scrape): Value;
}

const sum = (values: Iterable<number>) => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

// biome-ignore format: one metric, one row
const metrics: readonly Metric[] = [
  { name: 'dp_sessions', help: 'Sessions, including empty ones.', kind: 'gauge', read: ({ sessions }) => sessions.length },
  { name: 'dp_sessions_limit', help: 'Maximum number of sessions.', kind: 'gauge', read: ({ live }) => live.settings.get('sessionCountLimit') },
  { name: 'dp_sessions_active', help: 'Sessions with users in them.', kind: 'gauge', read: ({ sessions }) => sessions.filter(({ isActive }) => isActive).length },
  { name: 'dp_users', help: 'Users in sessions.', kind: 'gauge', read: ({ sessions }) => sum(sessions.map(({ users }) => users)) },
  { name: 'dp_connections', help: 'Connections by transport.', kind: 'gauge', label: 'transport', read: ({ connections }) => countBy(connections.map(({ transport }) => transport)) },
  { name: 'dp_connections_total', help: 'Connections accepted since the start.', kind: 'counter', read: ({ live }) => live.peers.traffic.connections },
  { name: 'dp_connections_refused_total', help: 'Connections refused by the limits on number and rate.', kind: 'counter', read: ({ live }) => live.peers.traffic.refused },
  { name: 'dp_connections_without_descriptor_total', help: 'Connections refused because file descriptors ran out.', kind: 'counter', read: ({ live }) => live.descriptors?.refused ?? 0 },
  { name: 'dp_ready', help: 'Whether users can connect and sessions are stored (0 when /readyz answers 503).', kind: 'gauge', read: ({ live }) => (live.isReady ? 1 : 0) },
  { name: 'dp_open_descriptors', help: 'Open files and connections of the process.', kind: 'gauge', read: ({ live }) => live.descriptors?.count ?? 0 },
  { name: 'dp_open_descriptors_limit', help: 'Limit on open files and connections of the process (0: unknown).', kind: 'gauge', read: ({ live }) => live.descriptors?.limit ?? 0 },
  { name: 'dp_logins_refused_total', help: 'Refused logins by reason.', kind: 'counter', label: 'reason', read: ({ live }) => live.peers.refusedLogins },
  { name: 'dp_received_bytes_total', help: 'Bytes received from clients.', kind: 'counter', read: ({ live }) => live.peers.traffic.bytesIn },
  { name: 'dp_sent_bytes_total', help: 'Bytes sent to clients.', kind: 'counter', read: ({ live }) => live.peers.traffic.bytesOut },
  { name: 'dp_received_messages_total', help: 'Messages received from clients.', kind: 'counter', read: ({ live }) => live.peers.traffic.messagesIn },
  { name: 'dp_delivered_messages_total', help: 'Messages of histories delivered to clients.', kind: 'counter', read: ({ live }) => live.peers.traffic.messagesOut },
  { name: 'dp_history_bytes', help: 'Size of all histories.', kind: 'gauge', read: ({ sessions }) => sum(sessions.map(({ historyBytes }) => historyBytes)) },
  { name: 'dp_history_largest_bytes', help: 'Size of the largest history.', kind: 'gauge', read: ({ sessions }) => Math.max(0, ...sessions.map(({ historyBytes }) => historyBytes)) },
  { name: 'dp_unsent_bytes', help: 'Bytes queued for clients.', kind: 'gauge', read: ({ connections }) => sum(connections.map(({ unsentBytes }) => unsentBytes)) },
  { name: 'dp_unsent_largest_bytes', help: 'Largest number of bytes queued for one client.', kind: 'gauge', read: ({ connections }) => connections.reduce((most, { unsentBytes }) => Math.max(most, unsentBytes), 0) },
  { name: 'dp_certificate_expiry_timestamp_seconds', help: 'Expiry of the TLS certificate, seconds since 1970 (0: none).', kind: 'gauge', read: ({ live }) => (live.certificate?.facts.validUntil ?? 0) / 1000 },
  { name: 'dp_certificate_self_signed', help: 'Whether the TLS certificate is self-signed.', kind: 'gauge', read: ({ live }) => (live.certificate?.facts.isSelfSigned ? 1 : 0) },
  { name: 'dp_certificate_last_failure_timestamp_seconds', help: 'Last order of a certificate that failed and was not followed by one that succeeded, by class (0: none).', kind: 'gauge', label: 'class', read: ({ live }) => lastFailures(live) },
  { name: 'dp_certificate_attempts', help: 'Orders of a certificate that failed in a row.', kind: 'gauge', read: ({ live }) => live.certificate?.renewal?.progress.attempts ?? 0 },
  { name: 'dp_writes_total', help: 'Disk writes.', kind: 'counter', read: ({ live }) => live.writes?.count ?? 0 },
  { name: 'dp_write_seconds_total', help: 'Time spent in disk writes.', kind: 'counter', read: ({ live }) => live.writes?.seconds ?? 0 },
  { name: 'dp_write_longest_seconds', help: 'Longest disk write.', kind: 'gauge', read: ({ live }) => live.writes?.longestSeconds ?? 0 },
  { name: 'dp_event_loop_delay_mean_seconds', help: 'Mean delay of the event loop since the last scrape.', kind: 'gauge', read: ({ loop }) => loop.meanSeconds },
  { name: 'dp_event_loop_delay_p99_seconds', help: '99th percentile of the delay of the event loop since the last scrape.', kind: 'gauge', read: ({ loop }) => loop.p99Seconds },
  { name: 'dp_event_loop_delay_max_seconds', help: 'Maximum delay of the event loop since the last scrape.', kind: 'gauge', read: ({ loop }) => loop.mostSeconds },
  { name: 'dp_start_time_seconds', help: 'Start time of the server, in seconds since 1970.', kind: 'gauge', read: ({ live }) => live.startedAt / 1000 },
  { name: 'process_resident_memory_bytes', help: 'Memory of the process.', kind: 'gauge', read: ({ live }) => live.memoryBytes },
  { name: 'process_cpu_seconds_total', help: 'CPU time of the process.', kind: 'counter', read: () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; } },
];

function countBy(values: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map([
    ['tcp', 0],
    ['tls', 0],
    ['websocket', 0],
  ]);
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** As Go reads floats, which is what the format asks for. */
function textOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** One value for each class: what alarms look at must not come and go. */
function lastFailures({ certificate }: LiveServer): ReadonlyMap<string, number> {
  const { failures = [], failedAt = 0 } = certificate?.renewal?.progress ?? {};
  const classes = new Set(failures.map(({ code }) => failureRow(code).class));
  return new Map(failureClasses.map((name) => [name, classes.has(name) ? failedAt / 1000 : 0]));
}

const resolutionMs = 10;
/** The monitor measures the time between two ticks, which are this far apart when nothing is late. */
const nanoseconds = 1e9;

export class Metrics {
  readonly #live: LiveServer;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor(live: LiveServer) {
    this.#live = live;
    this.#delay.enable();
  }

  /** Of the text format of Prometheus. */
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';

  /** In the text format of Prometheus: two lines about each metric, then its values. */
  text(): string {
    const scrape = this.#look();
    const lines: string[] = [];
    for (const { name, help, kind, label, read } of metrics) {
      lines.push(`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${kind}`);
      const value = read(scrape);
      if (typeof value === 'number') lines.push(`${name} ${textOf(value)}`);
      else {
        for (const [key, each] of value) {
          lines.push(`${name}{${label}="${escaped(key).replaceAll('"', '\\"')}"} ${textOf(each)}`);
        }
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #look(): Scrape {
    const live = this.#live;
    const late = (value: number) =>
      Number.isFinite(value) ? Math.max(0, value / nanoseconds - resolutionMs / 1000) : 0;
    const loop = {
      meanSeconds: late(this.#delay.mean),
      p99Seconds: late(this.#delay.percentile(99)),
      mostSeconds: late(this.#delay.max),
    };
    this.#delay.reset();
    return {
      live,
      loop,
      sessions: [...live.directory.all].map((session) => ({
        users: session.people.count,
        historyBytes: session.history.sizeBytes,
        isActive: !session.people.isEmpty,
      })),
      connections: [...live.peers.all].map(({ connection: { transport, unsentBytes } }) => ({
        transport,
        unsentBytes,
      })),
    };
  }

  close(): void {
    this.#delay.disable();
  }
}
