// Abuse reports to the report server (http.md §4). While it is down they are kept in order, and in the log.

import { reason } from '../../core/errors/reason.js';
import type {
  AbuseReport,
  AbuseReports,
  Clock,
  Log,
  LogLevel,
  ReportOutcome,
  Timer,
} from '../../core/session/needs.js';
import type { SettingsReader } from '../../core/settings/settings.js';
import { type HttpClient, HttpProblem } from './http-client.js';

export interface AbuseReportOptions {
  client: HttpClient;
  clock: Clock;
  log: Log;
  settings: SettingsReader;
  /** `--report-url`; undefined: not configured. */
  url: string | undefined;
  /** Of this program, for the User-Agent header. */
  version: string;
}

const firstRetryMs = 30_000;
const longestRetryMs = 30 * 60_000;
const keptForMs = 24 * 60 * 60_000;
const queueLimit = 200;

interface Waiting {
  report: AbuseReport;
  since: number;
  done: (outcome: ReportOutcome) => void;
  wasLogged: boolean;
}

/** The receiver understood and said no: it will say so again. */
class Rejected extends HttpProblem {
  override name = 'Rejected';
}

export class HttpAbuseReports implements AbuseReports {
  readonly #options: AbuseReportOptions;
  readonly #queue: Waiting[] = [];
  #failures = 0;
  #isSending = false;
  #retry: Timer | undefined;
  #isClosed = false;

  constructor(options: AbuseReportOptions) {
    this.#options = options;
  }

  get isEnabled(): boolean {
    return this.#options.url !== undefined && this.#options.settings.get('abusereport');
  }

  /** Reports that have not been accepted yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  send(report: AbuseReport, done: (outcome: ReportOutcome) => void): void {
    if (!this.isEnabled || this.#isClosed) {
      done('refused');
      return;
    }
    const waiting = { report, since: this.#options.clock.monotonic(), done, wasLogged: false };
    this.#queue.push(waiting);
    const [oldest] = this.#queue;
    if (oldest && this.#queue.length > queueLimit)
      this.#giveUp(oldest, `more than ${queueLimit} are waiting`);
    if (this.#retry !== undefined) this.#keep(waiting, reason('report-server-down').text);
    else void this.#sendAll();
  }

  /** Ends sending; what waits is in the log and nowhere else. */
  close(): void {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    for (const waiting of this.#queue) this.#keep(waiting, reason('server-stopping').text);
    this.#queue.length = 0;
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#queue[0]; next !== undefined && !this.#isClosed; next = this.#queue[0]) {
      const problem = await this.#post(next.report);
      if (problem === undefined) this.#accepted(next);
      else if (problem instanceof Rejected) this.#giveUp(next, problem.message);
      else if (this.#options.clock.monotonic() - next.since > keptForMs) this.#giveUp(next, problem.message);
      else {
        this.#retryLater(next, problem.message);
        break;
      }
    }
    this.#isSending = false;
  }

  #accepted(waiting: Waiting): void {
    this.#failures = 0;
    this.#remove(waiting);
    if (waiting.wasLogged) this.#log(waiting, 'info', 'The report server accepted the delayed abuse report');
    waiting.done('accepted');
  }

  #giveUp(waiting: Waiting, problem: string): void {
    this.#remove(waiting);
    waiting.wasLogged = true;
    this.#log(
      waiting,
      'warn',
      `Unable to send abuse report: ${problem}; discarded: ${asText(waiting.report)}`,
    );
    waiting.done('refused');
  }

  #retryLater(first: Waiting, problem: string): void {
    if (this.#isClosed) return;
    const ms = Math.min(firstRetryMs * 2 ** this.#failures, longestRetryMs);
    this.#failures += 1;
    for (const waiting of this.#queue) {
      this.#keep(waiting, waiting === first ? problem : 'the report server is down');
    }
    this.#retry = this.#options.clock.after(ms, () => {
      this.#retry = undefined;
      void this.#sendAll();
    });
  }

  /** Once, with everything: whatever becomes of this process, somebody can read what was reported. */
  #keep(waiting: Waiting, problem: string): void {
    if (waiting.wasLogged) return;
    waiting.wasLogged = true;
    this.#log(
      waiting,
      'warn',
      `Unable to send abuse report: ${problem}; the server tries again: ${asText(waiting.report)}`,
    );
    waiting.done('kept');
  }

  async #post(report: AbuseReport): Promise<HttpProblem | undefined> {
    const { client, settings, url, version } = this.#options;
    if (url === undefined) return new Rejected(reason('reports-disabled'));
    const token = settings.get('reporttoken');
    try {
      const { status } = await client.request({
        method: 'POST',
        url,
        headers: {
          'User-Agent': `DrawpileAbuseReportClient/${version}`,
          ...(token !== '' && { Authorization: `Token ${token}` }),
        },
        body: report,
        isTrusted: true,
      });
      if (status < 400) return undefined;
      const isAboutThisReport = status === 400 || status === 413 || status === 422;
      return new (isAboutThisReport ? Rejected : HttpProblem)(reason('report-answer-status', { status }));
    } catch (error) {
      if (error instanceof HttpProblem) return error;
      throw error;
    }
  }

  #remove(waiting: Waiting): void {
    const index = this.#queue.indexOf(waiting);
    if (index >= 0) this.#queue.splice(index, 1);
  }

  #log({ report }: Waiting, level: LogLevel, message: string): void {
    const { clock, log } = this.#options;
    log.write({ time: clock.now(), level, topic: 'Report', session: report.session, message });
  }
}

function asText(report: AbuseReport): string {
  return JSON.stringify(report);
}
