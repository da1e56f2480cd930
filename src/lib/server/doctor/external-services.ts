// Checks the external services: list servers, logins, reports, the ban list; and whether their clocks agree with
// this machine's.

import { HttpClient, HttpProblem, withoutCredentials } from '../../io/outside/http-client.js';
import { waitingClock } from '../../io/system/clock.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

const waitMs = 5000;
const clockSkewMs = 60_000;

/** What is asked, with the finding where it fails. */
const failures = {
  'login server': 'login-server-fails',
  'report server': 'report-server-fails',
  'list server': 'list-server-fails',
  'ban list': 'ban-list-fails',
} as const;
type Service = keyof typeof failures;

export async function checkExternalServices({
  settings,
  startup,
  listServers,
  now,
}: Examined): Promise<Finding[]> {
  const client = new HttpClient({ clock: waitingClock });
  const asked: { service: Service; url: string }[] = [
    ...(startup.extauth !== undefined && settings.get('extauth')
      ? [{ service: 'login server' as const, url: startup.extauth }]
      : []),
    ...(startup['report-url'] !== undefined && settings.get('abusereport')
      ? [{ service: 'report server' as const, url: startup['report-url'] }]
      : []),
    ...listServers.map((url) => ({ service: 'list server' as const, url })),
    ...(settings.get('extBansUrl') === ''
      ? []
      : [{ service: 'ban list' as const, url: settings.get('extBansUrl') }]),
  ];
  const findings = await Promise.all(
    asked.map(async ({ service, url }): Promise<Finding[]> => {
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
        const isFailing = status >= 500 || status === 404 || status === 410;
        const facts = { url: shown, entry: url, answer: `HTTP status ${status}` };
        const found = isFailing
          ? finding(failures[service], facts)
          : finding('service-answers', { service, ...facts });
        return [found, ...clockFindings(headers.date, shown, now)];
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        return [finding(failures[service], { url: shown, entry: url, answer: error.reason })];
      }
    }),
  );
  return findings.flat();
}

function clockFindings(date: string | undefined, from: string, now: number): Finding[] {
  const theirs = Date.parse(date ?? '');
  const skew = Math.abs(theirs - now);
  if (Number.isNaN(theirs) || skew < clockSkewMs) return [];
  return [finding('clock-differs', { url: from, seconds: Math.round(skew / 1000) })];
}
