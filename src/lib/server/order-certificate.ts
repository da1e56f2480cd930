// Orders a certificate while no server runs (`dp cert renew`): with the ports, user, folder and order of a server,
// for as long as the order takes.

import { storedStatus } from '../admin/certificates.js';
import { CertificateFailure } from '../core/certificates/failures.js';
import { Fault, refusal } from '../core/errors.js';
import type { LogLevel } from '../core/session/needs.js';
import type { StartupValues } from '../core/settings/startup.js';
import { answerText, WebListener, type WebListenerOptions } from '../io/net/web-listener.js';
import { systemClock, waitingClock } from '../io/system/clock.js';
import type { AutomaticCertificate } from './automatic-certificate.js';
import { becomeUser, makeDataFolder, prepareAutomatic } from './launch.js';
import { portOfNamedChecks } from './load-automatic-certificate.js';
import { choosePlaces } from './places.js';

export interface OrderOptions {
  /** Start options of the server. */
  values: StartupValues;
  environment: Readonly<Record<string, string | undefined>>;
  newKey: boolean;
  writeLog(level: LogLevel, text: string): void;
}

const limits = { connections: 100, perNetwork: 100, waiting: 100, firstRequestMs: 15_000 };

/** Orders now. Refusal or Fault where nothing could be ordered; an order that failed is in the answer. */
export async function orderCertificate({ values, environment, newKey, writeLog }: OrderOptions) {
  const places = choosePlaces(values, environment);
  if (values.acme.length === 0 || places.ownFolder === undefined) {
    throw refusal('certificate-not-automatic-here', { folder: places.ownFolder ?? 'memory' });
  }
  let automatic: AutomaticCertificate | undefined;
  const { open, listeners } = await openPorts(values, () => automatic, writeLog);
  try {
    const makeAutomatic = await prepareAutomatic(open, places);
    const { lockData } = await import('../io/sqlite/data-lock.js');
    const { loadSqlite } = await import('../io/sqlite/library.js');
    loadSqlite();
    becomeUser(values, places);
    makeDataFolder(places.ownFolder);
    // No server starts meanwhile and orders another one.
    const lock = lockData(places.database ?? places.ownFolder);
    try {
      automatic = await makeAutomatic?.({ clock: systemClock, networkClock: waitingClock, writeLog });
      const renewal = automatic?.renewal;
      if (renewal === undefined) {
        throw refusal('certificate-not-automatic-here', { folder: places.ownFolder });
      }
      renewal.renewNow({ newKey });
      await renewal.whenIdle();
      const { pair, progress } = renewal;
      return storedStatus(pair.facts, progress, values['acme-directory']);
    } finally {
      automatic?.stop();
      lock.release();
    }
  } catch (error) {
    throw error instanceof CertificateFailure ? error.shown : error;
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

/** Opens the ports at which an authority checks; one that cannot be opened is left out while there is another one. */
async function openPorts(
  values: StartupValues,
  automatic: () => AutomaticCertificate | undefined,
  writeLog: OrderOptions['writeLog'],
) {
  const shared: Pick<
    WebListenerOptions,
    'limits' | 'challenges' | 'isProxy' | 'takesPlain' | 'keepsAlive' | 'answer' | 'failed'
  > = {
    limits,
    challenges: {
      answerFor: (token) => automatic()?.challenges.answerFor(token),
      contextFor: (name) => automatic()?.challenges.contextFor(name),
    },
    isProxy: () => false,
    takesPlain: () => true,
    keepsAlive: false,
    answer: (request, response) =>
      answerText(request, response, { status: 503, text: 'This server is not running.' }),
    failed: (error) => writeLog('warn', error.message),
  };
  const named = portOfNamedChecks(values);
  const isWeb = named === values['web-port'];
  const wanted = [
    {
      port: values['http-port'],
      host: values['http-listen'],
      flags: { port: '--http-port', host: '--http-listen' },
    },
    {
      port: named,
      host: values[isWeb ? 'web-listen' : 'websocket-listen'],
      flags: isWeb
        ? { port: '--web-port', host: '--web-listen' }
        : { port: '--websocket-port', host: '--websocket-listen' },
      secureContext: () => automatic()?.context,
    },
  ];
  const listeners: WebListener[] = [];
  const failures: Fault[] = [];
  const left = { ...values };
  for (const { host, ...place } of wanted) {
    if (place.port === 0) continue;
    try {
      listeners.push(await WebListener.open({ ...shared, ...place, ...(host !== undefined && { host }) }));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failures.push(error);
      if (place.port === values['http-port']) left['http-port'] = 0;
      else Object.assign(left, { 'web-port': 0, 'websocket-port': 0 });
    }
  }
  const [first] = failures;
  if (first !== undefined && listeners.length === 0) throw first;
  for (const { message } of failures) writeLog('warn', `${message}; the other port is used`);
  return { open: left, listeners };
}
