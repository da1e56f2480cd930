// The handle of a socket as Node has it inside: what one process passes to another (`ChildProcess.send`), and which knows how
// much of what was written the kernel has taken. Nothing in Node's documentation speaks of it; a test notices when it changes.
import net from 'node:net';

export interface SocketHandle {
  /** Of what was given to the handle; what it has not passed on is `writeQueueSize` of it. */
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  getsockname?(name: { port?: number }): number;
}

/** Undefined: it is closed, or it is none of the system's sockets. */
export function handleOf(owner: net.Socket | net.Server): SocketHandle | undefined {
  const { _handle: handle } = owner as unknown as { _handle: SocketHandle | null };
  return handle ?? undefined;
}

/** How many bytes that were written to the socket the kernel has not taken; undefined: it is closed. */
export function untakenBytes(socket: net.Socket): number | undefined {
  const handle = handleOf(socket);
  return handle && socket.bytesWritten - (handle.bytesWritten - handle.writeQueueSize);
}

/** A socket of a handle that another process has passed. It reads nothing before `resume`, or `read(0)` with `onread`. */
export function socketOf(handle: SocketHandle, onread?: net.OnReadOpts): net.Socket {
  const options = { handle, manualStart: true, ...(onread && { onread }) };
  return new net.Socket(options as unknown as net.SocketConstructorOpts);
}
