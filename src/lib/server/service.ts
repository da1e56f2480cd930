// A running server under a service manager: its status line, and stopping when idle if a socket unit started it.
// cli.md §3

import type { Clock, Log } from '../core/session/needs.js';
import { counted } from '../core/units.js';
import type { ServiceNotifier } from '../io/system/notify.js';
import type { RunningServer } from './start.js';

export interface ServiceOptions {
  server: Pick<RunningServer, 'peers' | 'directory'>;
  notifier: ServiceNotifier;
  clock: Clock;
  log: Log;
  /** Called once when everybody has gone; undefined: the server stays. */
  autoStop?: (() => void) | undefined;
}

/** Ready now; from here on the service manager is notified of every coming and going. */
export function attachService({ server, notifier, clock, log, autoStop }: ServiceOptions): void {
  const { peers, directory } = server;
  let before = 0;
  let isOver = false;
  const changed = () => {
    notifier.status(`${counted(peers.count, 'user')} and ${counted(directory.count, 'session')}`);
    const now = peers.count + directory.count;
    const hasUserLeft = now < before;
    before = now;
    if (autoStop === undefined || isOver || !hasUserLeft || now > 0) return;
    isOver = true;
    const message = 'Autostopping due to lack of sessions.';
    log.write({ time: clock.now(), level: 'info', topic: 'Status', message });
    autoStop();
  };
  peers.onCountChange = changed;
  directory.onCountChange = changed;
  changed();
  notifier.ready();
}
