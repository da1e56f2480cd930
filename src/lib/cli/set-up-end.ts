// What `dp init` shows at its end: how to start the server, the ports to open, and the links for users and administrators.

import { browserLink, drawpileLink, isBrowserClientAllowed, pageLink } from '../core/session/join-links.js';
import { shellWord } from '../io/system/user.js';
import { ownAddresses } from '../server/greeting-text.js';
import type { Plan, SetUp } from './set-up.js';

export interface SetUpLinks {
  drawpile: string;
  /** Undefined: no port for browsers, or they would refuse it. */
  browser?: string;
  page?: string;
  administration?: string;
}

/** Start options as they will be. */
export function startAfter(now: SetUp, plan: Plan): Record<string, string> {
  const start = { ...now.start };
  for (const [name, value] of plan.start) {
    if (value === undefined) delete start[name];
    else start[name] = value;
  }
  return start;
}

export function linksOf(now: SetUp, plan: Plan): SetUpLinks {
  const start = startAfter(now, plan);
  const host = start.DP_LOCAL_HOST ?? start.DP_ACME?.split(',')[0] ?? ownAddresses()[0] ?? '127.0.0.1';
  const drawpile = drawpileLink(host, Number(start.DP_PORT ?? 27_750));
  const webPort = Number(start.DP_WEB_PORT ?? 0);
  if (webPort === 0) return { drawpile };
  if (start.DP_ACME === undefined && start.DP_SSL_CERT === undefined) {
    // Unencrypted it is for this machine, and for a proxy.
    const here = (path: string) => pageLink('localhost', webPort, { scheme: 'http', path });
    return { drawpile, page: here(''), administration: here('admin/') };
  }
  const origins = plan.settings.get('webSocketOrigins') ?? now.settings.get('webSocketOrigins') ?? '*';
  return {
    drawpile,
    ...(isBrowserClientAllowed(origins) && { browser: browserLink(host, undefined, webPort) }),
    page: pageLink(host, webPort),
    administration: pageLink(host, webPort, { path: 'admin/' }),
  };
}

/** `start`: the command; `isUsual`: the data folder need not be named. */
export function endText(
  now: SetUp,
  plan: Plan,
  { start, isUsual }: { start: string; isUsual: boolean },
): string[] {
  const folder = shellWord(now.folder);
  const after = startAfter(now, plan);
  const { drawpile, browser, page, administration } = linksOf(now, plan);
  const ports = [after.DP_PORT ?? '27750', after.DP_WEB_PORT, after.DP_HTTP_PORT, after.DP_WEBSOCKET_PORT];
  const administrators = [
    ...now.administrators,
    ...(plan.account?.isAdministrator ? [plan.account.name] : []),
  ];
  const restart = start.startsWith('systemctl')
    ? 'systemctl restart dp.service'
    : 'dp stop, and start it again';
  return [
    `Start the server  ${start}`,
    ...(plan.isNew || plan.start.size === 0 ? [] : [`If it is running  ${restart}`]),
    `Check it          dp doctor${isUsual ? '' : ` --data ${folder}`}`,
    `Open TCP ports    ${ports.filter((port) => port !== undefined).join(', ')}`,
    ...(after.DP_ACME === undefined
      ? []
      : [`Certificate       ${isUsual ? '' : `DP_DATA=${folder} `}dp cert status`]),
    '',
    `Drawpile          ${drawpile}`,
    ...(browser === undefined ? [] : [`Browser           ${browser}`]),
    ...(page === undefined ? [] : [`Public page       ${page}`]),
    administration === undefined
      ? 'Administration    dp gui'
      : `Administration    ${administration}${administrators.length > 0 ? ` (log in as ${administrators.join(' or ')})` : ''}`,
  ];
}
