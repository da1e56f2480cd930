// Links to a server and its sessions, for every place that shows one: `drawpile://…` for the programs, web.drawpile.net for
// browsers, http(s) for pages (http.md §6).

import { readHostName } from '../public-names.js';

const usualPort = 27_750;
/** The browser client that everybody may use. It connects to port 443 of the host unless the link names another one. */
export const browserClient = 'https://web.drawpile.net';
export const usualWebPort = { https: 443, http: 80 } as const;

/** Whether its page may connect, by the setting webSocketOrigins. */
export function isBrowserClientAllowed(webSocketOrigins: string): boolean {
  const origins = webSocketOrigins.split(/\s+/);
  return origins.includes('*') || origins.includes(browserClient);
}

export interface LinkedSession {
  /** Id or alias. */
  name: string;
  invite?: string | undefined;
  /** Whoever has the link needs not type it. */
  password?: string | undefined;
  /** The client is to use a WebSocket, at port 443; 2.1 uses TCP all the same. */
  prefersWebSockets?: boolean;
}

/** `drawpile://host[:port]/[session[:invite]][?p=password&w]`; the usual port is left out. */
export function drawpileLink(host: string, port: number, session?: LinkedSession): string {
  const server = `drawpile://${withPort(host, port, usualPort)}/`;
  if (!session) return server;
  const { name, invite, password, prefersWebSockets = false } = session;
  const secret = invite === undefined ? '' : `:${encodeURIComponent(invite)}`;
  const query = [
    ...(password === undefined ? [] : [`p=${encodeURIComponent(password)}`]),
    ...(prefersWebSockets ? ['w'] : []),
  ];
  const tail = query.length === 0 ? '' : `?${query.join('&')}`;
  return `${server}${encodeURIComponent(name)}${secret}${tail}`;
}

/** `https://web.drawpile.net/?host=host[:port][&session=session[:invite]][#password]`, with the port of the WebSocket. */
export function browserLink(
  host: string,
  session?: LinkedSession,
  port: number = usualWebPort.https,
): string {
  const at = withPort(host, port, usualWebPort.https);
  const server = `${browserClient}/?host=${encodeURIComponent(at)}`;
  if (!session) return server;
  const { name, invite, password } = session;
  const fragment = password === undefined ? '' : `#${asFragment(password)}`;
  return `${server}&session=${encodeURIComponent(invite === undefined ? name : `${name}:${invite}`)}${fragment}`;
}

/** The browser client takes the fragment as it is: what may stand in one is not encoded. */
function asFragment(password: string): string {
  return password.replaceAll(/[^\x21-\x7e]+|["<>`]/g, (text) => encodeURIComponent(text));
}

/** `https://host[:port]/path`. */
export function pageLink(
  host: string,
  port: number,
  { scheme = 'https', path = '' }: { scheme?: 'http' | 'https'; path?: string } = {},
): string {
  return `${scheme}://${withPort(host, port, usualWebPort[scheme])}/${path}`;
}

function withPort(host: string, port: number, usual: number): string {
  return `${hostInLinks(host)}${port === usual ? '' : `:${port}`}`;
}

/** Every client understands names in ASCII, and IPv6 addresses in brackets. What is neither name nor address stays as it is. */
export function hostInLinks(host: string): string {
  let name = host;
  try {
    name = readHostName(host);
  } catch {
    // An operator named it so; whoever follows the link sees that.
  }
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}
