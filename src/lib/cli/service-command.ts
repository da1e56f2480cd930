// What `dp service print` and `dp service install` share: flags, and the units that follow from them.

import * as fs from 'node:fs';
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
import { rootDataFolder } from '../io/system/user.js';
import { BaseCommand } from './base-command.js';
import { Flags } from './oclif.js';
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

export abstract class ServiceCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    user: Flags.string({ default: 'dp', helpValue: 'NAME', description: 'User that runs the server' }),
    data: Flags.string({
      default: rootDataFolder,
      helpValue: 'FOLDER',
      description: 'Data folder of the server',
    }),
    socket: Flags.boolean({
      description: 'Start the server at the first connection and stop it when all users have left',
    }),
  };

  /** The units for these flags; what stands behind `--` are flags of `dp serve`. */
  protected makeUnits(
    flags: { user: string; data: string; socket?: boolean | undefined },
    serveFlags: readonly string[],
  ): UnitFile[] {
    if (!/^[a-z_][a-z0-9_-]*\$?$/i.test(flags.user) || flags.user === 'root') {
      throw refusal('user-not-ordinary', { user: flags.user });
    }
    const dataFolder = path.resolve(flags.data);
    const given = readServeFlags(serveFlags);
    const { values } = readStartup(given, {});
    const folders = (['sessions', 'data'] as const).flatMap((name) => values[name] ?? []);
    const files = (['database', 'config'] as const).flatMap((name) => values[name] ?? []);
    const record = values.record === undefined ? [] : [path.dirname(values.record)];
    for (const place of [
      ...folders,
      ...files,
      ...(values.templates === undefined ? [] : [values.templates]),
    ]) {
      if (!path.isAbsolute(place)) {
        throw refusal('service-path-relative', { place, absolute: path.resolve(place) });
      }
    }
    const socket = flags.socket
      ? { listen: socketAddresses(values), web: webSocketAddress(values) }
      : undefined;
    const service = serviceUnit({
      canNotify: canNotify(),
      command: [process.execPath, path.resolve(this.config.root, 'bin/run.js')],
      flags: serveFlags,
      user: flags.user,
      dataFolder,
      hasLowPort: hasLowPort(values) || hasLowPort(valuesOfFolder(dataFolder, given)),
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

  /** Why a service could not start this program: it is in a folder that only root may enter. */
  protected closedFolder(): string | undefined {
    for (const file of [process.execPath, path.resolve(this.config.root, 'bin/run.js')]) {
      let folder = path.dirname(fs.realpathSync(file));
      for (;;) {
        if ((fs.statSync(folder).mode & 0o001) === 0) return folder;
        if (folder === path.dirname(folder)) break;
        folder = path.dirname(folder);
      }
    }
    return undefined;
  }
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
