// Which ports `dp init` accepts: numbers that this machine can listen on, each for one purpose.

import { startupNameOf } from '../core/settings/startup.js';
import { tryToListen } from '../io/net/probes.js';
import { portUserText, whoListens } from '../io/system/port-user.js';
import type { Validate } from './question-forms.js';
import type { Choices, SetUp } from './set-up.js';

/** `least`: 0 where there may be none. */
export function portCheck(now: SetUp, choices: Choices, least: 0 | 1): Validate {
  return async (text) => {
    const port = Number(text);
    if (!/^\d{1,5}$/.test(text) || port < least || port > 65_535) {
      return `Enter a port number from ${least} to 65535.`;
    }
    if (port === 0) return true;
    const other = purposeOf(port, choices);
    if (other !== undefined) return `Port ${port} is the one for ${other}; enter another one.`;
    // The server may be running with it.
    return portsOf(now).includes(port) || ((await whyNotFree(port, 'enter another one')) ?? true);
  };
}

/** Which ports of the start options `after` the server will not get, unless it has them now; what to do about each. */
export async function portsNotFree(now: SetUp, after: SetUp['start']): Promise<string[]> {
  const before = portsOf(now);
  const problems = Object.entries({ DP_PORT: '27750', ...after }).map(async ([variable, value]) => {
    const port = Number(value);
    const flag = startupNameOf(variable);
    if (!variable.endsWith('_PORT') || flag === undefined || port === 0 || before.includes(port))
      return undefined;
    return whyNotFree(port, `choose another one with --${flag}`);
  });
  return (await Promise.all(problems)).filter((problem) => problem !== undefined);
}

function purposeOf(port: number, choices: Choices): string | undefined {
  if (port === choices.port) return 'desktop clients';
  if (port === choices.webPort) return 'browsers';
  return port === choices.websocketPort ? 'browser clients' : undefined;
}

function portsOf({ exists, start }: SetUp): number[] {
  if (!exists) return [];
  const set = Object.entries(start).flatMap(([name, value]) =>
    name.endsWith('_PORT') ? [Number(value)] : [],
  );
  return start.DP_PORT === undefined ? [27_750, ...set] : set;
}

/** Undefined: it is free. `other`: how to choose another port. */
async function whyNotFree(port: number, other: string): Promise<string | undefined> {
  const code = await tryToListen(port, undefined);
  if (code === undefined) return undefined;
  if (code === 'EACCES') {
    return `This user cannot use ports below 1024; ${other}, or run dp init as root.`;
  }
  if (code !== 'EADDRINUSE') return `Port ${port} cannot be used: ${code}.`;
  const user = whoListens(port);
  if (user === undefined) {
    return `Port ${port} is in use; ${other}, or find the program: sudo ss -ltnp 'sport = :${port}'`;
  }
  const stop = user.unit === undefined ? `kill ${user.pid}` : `sudo systemctl stop ${user.unit}`;
  return `Port ${port} is in use by ${portUserText(user)}; ${other}, or stop it: ${stop}`;
}
