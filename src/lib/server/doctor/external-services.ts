// The services elsewhere that the server asks: list servers, logins, reports, the ban list; and whether their clock is
// ours.

import { HttpClient, HttpProblem, withoutCredentials } from '../../io/outside/http-client.js';
import { waitingClock } from '../../io/system/clock.js';
import type { Examined, Finding } from './findings.js';

const waitMs = 5000;
const clockSkewMs = 60_000;

export async function checkExternalServices({
  settings,
  startup,
  listServers,
  now,
}: Examined): Promise<Finding[]> {
  const client = new HttpClient({ clock: waitingClock });
  const asked = [
    ...(startup.extauth !== undefined && settings.get('extauth')
      ? [
          {
            what: 'login server',
            url: startup.extauth,
            fix: 'check --extauth; meanwhile, guests can log in if extauthfallback is on',
          },
        ]
      : []),
    ...(startup['report-url'] !== undefined && settings.get('abusereport')
      ? [
          {
            what: 'report server',
            url: startup['report-url'],
            fix: 'check --report-url; meanwhile, reports are queued',
          },
        ]
      : []),
    ...listServers.map((url) => ({
      what: 'list server',
      url,
      fix: `dp listserver remove ${url}   if it no longer exists`,
    })),
    ...(settings.get('extBansUrl') === ''
      ? []
      : [
          {
            what: 'ban list',
            url: settings.get('extBansUrl'),
            fix: 'dp config set extBansUrl=URL; meanwhile, the bans of the last fetch stay in force',
          },
        ]),
  ];
  const findings = await Promise.all(
    asked.map(async ({ what, url, fix }): Promise<Finding[]> => {
      const subject = 'services';
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
          text: `${what} ${shown}: HTTP status ${status}`,
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

function clockFindings(date: string | undefined, from: string, now: number): Finding[] {
  const theirs = Date.parse(date ?? '');
  const skew = Math.abs(theirs - now);
  if (Number.isNaN(theirs) || skew < clockSkewMs) return [];
  return [
    {
      subject: 'clock',
      level: 'problem',
      text: `the clocks of this machine and of ${from} differ by ${Math.round(skew / 1000)} seconds`,
      fix: 'timedatectl set-ntp true',
    },
  ];
}
