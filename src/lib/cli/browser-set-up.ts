// The set-up of `dp init` as `dp gui` leads through it in a browser: the same decisions, the same writing.

import { hostname } from 'node:os';
import type { Admin } from '../admin/admin.js';
import { drawpileLink } from '../core/session/join-links.js';
import { readStartup } from '../core/settings/startup.js';
import type { BrowserSetUp, SetUpAnswers, SetUpResult } from '../io/http/set-up-routes.js';
import { systemClock } from '../io/system/clock.js';
import { startEnvironment } from '../io/system/start-file.js';
import { isLoopbackHost, joinHosts } from '../server/greeting-text.js';
import { readCertificateAnswer } from './certificate-answers.js';
import { type Choices, describePlan, type Plan, planSetUp, type TlsChoice } from './set-up.js';
import { checkPlan, readSetUp, writeSetUp } from './set-up-files.js';
import { readNames } from './set-up-tls.js';
import type { Terminal } from './terminal.js';

/** `dp init` suggests it with a certificate from an authority: browsers can connect then. */
const usualWebPort = 443;

/** `start`: the server, on what was written. */
export async function browserSetUp(
  folder: string,
  env: Terminal['env'],
  start: () => Promise<Admin>,
): Promise<BrowserSetUp> {
  const now = await readSetUp(folder);
  let isWritten = false;
  const planOf = (answers: SetUpAnswers): { plan: Plan; lines: readonly string[] } => {
    const given =
      answers.tls === 'files' ? readCertificateAnswer(now, answers, systemClock.now()) : undefined;
    const { lines = [], ...certificate } = given ?? {};
    const plan = planSetUp(now, { ...choicesOf(answers), ...certificate }, hostname());
    checkPlan(now, plan);
    return { plan, lines };
  };
  return {
    state: { folder, port: startValues(folder, env).port },
    async preview(answers) {
      const { plan, lines } = planOf(answers);
      return [...describePlan(now, plan), ...lines];
    },
    async finish(answers) {
      // what was written before the server failed to start stays
      if (!isWritten) {
        await writeSetUp(now, planOf(answers).plan);
        isWritten = true;
      }
      const admin = await start();
      return { admin, result: await resultOf(admin, folder, env) };
    },
  };
}

function choicesOf(answers: SetUpAnswers): Choices {
  const { preset, name, welcome, port, hasDrawpileAccounts, listing, account } = answers;
  const localHost = answers.localHost?.trim();
  const tls = tlsOf(answers, localHost ?? '');
  return {
    ...(preset !== undefined && { preset }),
    ...(name !== undefined && { name }),
    ...(welcome !== undefined && { welcome }),
    ...(port !== undefined && { port }),
    ...(localHost !== undefined && { localHost }),
    ...(tls !== undefined && { tls }),
    ...(tls?.kind === 'acme' && { webPort: usualWebPort }),
    ...(hasDrawpileAccounts !== undefined && { hasDrawpileAccounts }),
    ...(listing !== undefined && { listing }),
    ...(account !== undefined && { account: { ...account, isAdministrator: true } }),
  };
}

function tlsOf({ tls, email, acceptsTerms }: SetUpAnswers, localHost: string): TlsChoice | undefined {
  if (tls === 'files') return undefined;
  if (tls !== 'acme') return tls === undefined ? undefined : { kind: tls };
  return { kind: 'acme', names: readNames(localHost), email: email?.trim() || undefined, acceptsTerms };
}

function startValues(folder: string, env: Terminal['env']) {
  return readStartup({}, startEnvironment({ data: folder }, env).environment).values;
}

async function resultOf(admin: Admin, folder: string, env: Terminal['env']): Promise<SetUpResult> {
  const { port } = await admin.run('server.status', {});
  const { listen, 'local-host': localHost } = startValues(folder, env);
  return {
    links: joinHosts({ host: listen, localHost }).map((host) => drawpileLink(host, port)),
    port,
    isLocalOnly: isLoopbackHost(listen),
  };
}
