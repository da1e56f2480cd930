// Protocol versions such as `dp:4.25.1`: namespace, server, major, minor (protocol.md §1).

export interface ProtocolVersion {
  namespace: string;
  server: number;
  major: number;
  minor: number;
}

/** The server part of every version that this server can carry. */
export const serverVersion = 4;

/** The newest protocol that this server knows, i.e. that of the 2.3 clients. */
export const currentProtocol = 'dp:4.25.1';

const pattern = /^([a-z]+):(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/;

/** Undefined when the text is not a version. */
export function parseVersion(text: string): ProtocolVersion | undefined {
  const [, namespace, server, major, minor] = pattern.exec(text) ?? [];
  if (namespace === undefined) return undefined;
  return { namespace, server: Number(server), major: Number(major), minor: Number(minor) };
}

/** Negative, zero or positive, by server, major and minor; namespaces are not compared. */
export function compareVersions(a: ProtocolVersion, b: ProtocolVersion): number {
  return a.server - b.server || a.major - b.major || a.minor - b.minor;
}

/** Clients from dp:4.24.0 on identify themselves with a system id (login.md §4). */
export function needsSystemId(version: ProtocolVersion): boolean {
  return compareVersions(version, { namespace: 'dp', server: 4, major: 24, minor: 0 }) >= 0;
}

/** 2.1 and older drop the connection on an empty chat text (sessions.md §28). */
export function refusesEmptyChat(version: ProtocolVersion): boolean {
  return version.server === 4 && version.major <= 21;
}
