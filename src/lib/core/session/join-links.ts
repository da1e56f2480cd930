// Links that open a client: `drawpile://…` for the programs, web.drawpile.net for browsers (http.md §6).

const usualPort = 27_750;
/** The browser client that everybody may use. It connects to port 443 of the host. */
export const browserClient = 'https://web.drawpile.net';

export interface LinkedSession {
  /** Id or alias. */
  name: string;
  invite?: string | undefined;
  /** The client is to use a WebSocket. */
  prefersWebSockets?: boolean;
}

/** `drawpile://host[:port]/[session[:invite]][?w]`; the usual port is left out. */
export function drawpileLink(host: string, port: number, session?: LinkedSession): string {
  const server = `drawpile://${bracketed(host)}${port === usualPort ? '' : `:${port}`}/`;
  if (!session) return server;
  const { name, invite, prefersWebSockets = false } = session;
  const secret = invite === undefined ? '' : `:${encodeURIComponent(invite)}`;
  return `${server}${encodeURIComponent(name)}${secret}${prefersWebSockets ? '?w' : ''}`;
}

export function browserLink(host: string, session?: LinkedSession): string {
  const server = `${browserClient}/?host=${encodeURIComponent(bracketed(host))}`;
  if (!session) return server;
  const { name, invite } = session;
  return `${server}&session=${encodeURIComponent(invite === undefined ? name : `${name}:${invite}`)}`;
}

/** An IPv6 address as it stands in links. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
