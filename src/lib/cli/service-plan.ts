// Which systemd units follow from flags and from the start options in a data folder.

import * as path from 'node:path';
import { refusal } from '../core/errors.js';
import {
  readStartup,
  type StartupName,
  type StartupValues,
  startup,
  startupNames,
} from '../core/settings/startup.js';
import { canNotify } from '../io/system/notify.js';
import { readStartFile } from '../io/system/start-file.js';
import {
  serviceName,
  serviceUnit,
  socketName,
  socketUnit,
  webSocketName,
  webSocketUnit,
} from './service-units.js';

export interface UnitFile {
  name: string;
  text: string;
}

export interface ServiceOptions {
  user: string;
  data: string;
  socket?: boolean | undefined;
}

/** The program that a service starts: node, and the folder of dp. */
export interface ServiceProgram {
  root: string;
}

/**
 * The units for these options; `serveFlags` are flags of `dp serve`, `start` the start options that will be in the data folder, if they
 * are not there yet. Refusal where a service could not be started like that.
 */
export function makeUnits(
  { root }: ServiceProgram,
  options: ServiceOptions,
  serveFlags: readonly string[],
  start?: Readonly<Record<string, string>>,
): UnitFile[] {
  if (!/^[a-z_][a-z0-9_-]*\$?$/i.test(options.user) || options.user === 'root') {
    throw refusal('user-not-ordinary', { user: options.user });
  }
  const dataFolder = path.resolve(options.data);
  const given = readServeFlags(serveFlags);
  const { values } = readStartup(given, {});
  const folders = (['sessions', 'data'] as const).flatMap((name) => values[name] ?? []);
  const files = (['database', 'config'] as const).flatMap((name) => values[name] ?? []);
  const record = values.record === undefined ? [] : [path.dirname(values.record)];
  for (const place of [...folders, ...files, ...(values.templates === undefined ? [] : [values.templates])]) {
    if (!path.isAbsolute(place)) {
      throw refusal('service-path-relative', { place, absolute: path.resolve(place) });
    }
  }
  const socket = options.socket
    ? { listen: socketAddresses(values), web: webSocketAddress(values) }
    : undefined;
  const stored = start === undefined ? valuesOfFolder(dataFolder, given) : readStartup(given, start).values;
  const service = serviceUnit({
    canNotify: canNotify(),
    command: [process.execPath, path.resolve(root, 'bin/run.js')],
    flags: serveFlags,
    user: options.user,
    dataFolder,
    hasLowPort: hasLowPort(values) || hasLowPort(stored),
    folders: [...new Set([...folders, ...files.map((file) => path.dirname(file)), ...record])].filter(
      (folder) => folder !== dataFolder,
    ),
    socket,
  });
  return [
    { name: serviceName, text: service },
    ...(socket ? [{ name: socketName, text: socketUnit(socket) }] : []),
    ...(socket?.web === undefined ? [] : [{ name: webSocketName, text: webSocketUnit(socket.web) }]),
  ];
}

/** What is listened on: every row that is a port, but the one that is only announced. */
const portNames = startupNames.filter(
  (name): name is 'port' => /(?:^|-)port$/.test(name) && name !== 'announce-port',
);

function hasLowPort(values: StartupValues): boolean {
  return portNames.some((name) => values[name] > 0 && values[name] < 1024);
}

/** With what `dp init` wrote down; where nobody here may read it, or it is wrong, the flags alone. */
function valuesOfFolder(folder: string, given: Parameters<typeof readStartup>[0]): StartupValues {
  try {
    return readStartup(given, readStartFile(folder).values).values;
  } catch {
    return readStartup(given, {}).values;
  }
}

function at(host: string | undefined, port: number): string {
  return host === undefined ? String(port) : `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function webSocketAddress(values: StartupValues): string | undefined {
  return values['web-port'] === 0 ? undefined : at(values['web-listen'], values['web-port']);
}

function socketAddresses(values: StartupValues): string[] {
  const admin = values['web-admin-port'];
  const webSocket = values['websocket-port'];
  if (webSocket !== 0 && admin === 0) {
    throw refusal('service-socket-order');
  }
  return [
    at(values.listen, values.port),
    ...(admin === 0 ? [] : [at(values['web-admin-listen'] ?? '127.0.0.1', admin)]),
    ...(webSocket === 0 ? [] : [at(values['websocket-listen'], webSocket)]),
  ];
}

/** Flags as `dp serve` will read them; a mistake is better reported now than by a service that does not start. */
function readServeFlags(words: readonly string[]): Partial<Record<StartupName, string | boolean>> {
  const flags: Partial<Record<StartupName, string | boolean>> = {};
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, long, attached] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long === 'set') {
      if (attached === undefined) rest.shift();
      continue;
    }
    const name = startupNames.find((known) => known === long || `-${startup[known].char}` === word);
    if (name === undefined) {
      throw refusal('service-flag-unknown', { flag: word });
    }
    if (startup[name].kind.placeholder === '') flags[name] = true;
    else {
      const value = attached ?? rest.shift();
      if (value === undefined)
        throw refusal('value-missing', { word: String(word), example: `${word} VALUE` });
      flags[name] = value;
    }
  }
  return flags;
}
