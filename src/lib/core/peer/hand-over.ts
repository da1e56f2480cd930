// Everything that a process knows of its sessions and clients, as data for the process that takes its place
// (docs/decisions/0016).
import { fault } from '../errors.js';
import type { HandedDirectory, SessionDirectory } from '../session/directory.js';
import type { MemberLink } from '../session/member.js';
import type { Connection, ConnectionUser } from './needs.js';
import type { Peer } from './peer.js';
import type { HandedPeers, Peers } from './peers.js';

/**
 * Version of everything that is handed over. A successor of another version refuses, and the old process continues: so
 * increase it with every change of a type that is reached from `HandedServer`.
 */
export const handOverVersion = 1;

export interface HandedServer {
  readonly directory: HandedDirectory;
  readonly peers: HandedPeers;
}

interface Parts {
  readonly directory: SessionDirectory;
  readonly peers: Peers;
}

/** Undefined: something is under way whose result only this process would get. */
export function handOverServer({ directory, peers }: Parts): HandedServer | undefined {
  const handedPeers = peers.handOver();
  const handedDirectory = handedPeers && directory.handOver();
  if (!handedPeers || !handedDirectory) return undefined;
  const known = new Set(handedDirectory.sessions.map(({ id }) => id));
  // Who is left over from a session that ended without notice has nothing to continue with.
  const isComplete = handedPeers.peers.every(({ member }) => !member || known.has(member.session));
  return isComplete ? { directory: handedDirectory, peers: handedPeers } : undefined;
}

/** Nothing is sent or read before the function that this returns is called. */
export function takeOverServer(
  { directory, peers }: Parts,
  handed: HandedServer,
  connect: (place: number, user: ConnectionUser) => Connection,
): () => void {
  const taken = peers.takeOver(handed.peers, connect);
  const links = new Map<string, Peer>();
  handed.peers.peers.forEach(({ member }, place) => {
    const peer = taken[place];
    if (member && peer) links.set(`${member.session} ${member.id}`, peer);
  });
  const linkOf = (session: string, id: number): MemberLink => {
    const link = links.get(`${session} ${id}`);
    if (!link) throw fault('hand-over-incomplete', {});
    return link;
  };
  directory.takeOver(handed.directory, linkOf);
  return () => {
    handed.peers.peers.forEach(({ member }, place) => {
      const session = member && directory.find(member.session);
      taken[place]?.resumed(session?.people.get(member?.id ?? 0));
    });
    directory.resume();
  };
}
