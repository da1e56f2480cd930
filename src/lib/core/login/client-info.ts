// The client's information about itself, `cinfo`: program and system (login.md §4). `host` and `join` may repeat it.
import { isJsonObject, type JsonObject, textOf } from '../protocol/command.js';
import type { Login } from './login.js';
import type { ClientInfo } from './progress.js';
import type { LoginStep } from './step.js';

const keys = ['app_version', 'protocol_version', 'qt_version', 'os', 's', 'm'] as const;
const longest = 65;

/** The known keys, trimmed and cut; undefined: there is a system id, but it is malformed. */
export function readClientInfo(object: JsonObject): ClientInfo | undefined {
  const values: Record<string, string> = {};
  for (const key of keys) {
    const text = textOf(object[key]).trim().slice(0, longest);
    if (text !== '') values[key] = text;
  }
  const sid = values.s ?? '';
  if (sid !== '' && !/^[0-9a-f]{32}(\/[0-9a-f]{32})?$/i.test(sid)) return undefined;
  const sids = sid === '' ? [] : sid.toLowerCase().split('/');
  return { values, sid: sids[0] ?? '', sids };
}

function isSame(a: ClientInfo, b: ClientInfo): boolean {
  return keys.every((key) => a.values[key] === b.values[key]);
}

export const clientInfo: LoginStep<'clientInfo' | 'lookup' | 'ident'> = ({ login, advance }, { args }) => {
  if (login.clientInfo) {
    login.fail('cinfoAlreadyDone');
    return;
  }
  const [host, object] = args;
  if (args.length !== 2 || typeof host !== 'string' || !isJsonObject(object)) {
    login.fail('clientInfoArguments');
    return;
  }
  // The middle part may have only one character, as in the original.
  if (!/^\d+\.[\d+]\.\d+/.test(textOf(object.app_version).trim())) {
    login.fail('badversion');
    return;
  }
  const info = readClientInfo(object);
  if (!info || info.sid === '') {
    login.violate('Client info without a valid system id');
    return;
  }
  const { localHost, settings } = login.needs;
  if (localHost !== '' && host.toLowerCase() !== localHost.toLowerCase()) {
    if (settings.get('requireMatchingHost')) {
      login.fail('mismatchedHostName', { host: localHost });
      return;
    }
    login.writeLog(
      'info',
      'ClientInfo',
      `Connected to host name '${host.slice(0, 100)}' instead of '${localHost}'`,
    );
  }
  login.clientInfo = info;
  const { ip } = login.connection;
  login.writeLog('info', 'ClientInfo', JSON.stringify({ address: ip, ...info.values }));
  advance();
  login.result({ message: 'Client info OK!', cinfo: { browser: login.connection.isBrowser } });
};

/** Checks what host or join repeat; false: the login is over. Older clients give it only there. */
export function takeClientInfo(login: Login, kwargs: JsonObject): boolean {
  const info = readClientInfo(kwargs);
  if (!info) {
    login.violate('Malformed system id');
    return false;
  }
  if (login.clientInfo && !isSame(login.clientInfo, info)) {
    login.violate('Client info differs from the earlier one');
    return false;
  }
  login.clientInfo = info;
  return true;
}
