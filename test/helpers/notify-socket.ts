// A bound Unix datagram socket, as a service manager has one: what arrives can be read.

/** Path, or `@name` for an abstract socket. */
export async function bindNotifySocket(
  t: { teardown(run: () => unknown): void },
  name: string,
): Promise<() => string | undefined> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const fd = libc.func('int socket(int, int, int)')(1, 2, 0) as number;
  const path = Buffer.from(name);
  if (path[0] === 0x40) path[0] = 0;
  const address = Buffer.concat([Buffer.from(new Uint16Array([1]).buffer), path]);
  const bound = libc.func('int bind(int, const void *, unsigned int)')(fd, address, address.length) as number;
  if (bound !== 0) throw new Error(`${name}: can't be bound (error ${koffi.errno()})`);
  const recv = libc.func('long recv(int, _Out_ uint8_t *, unsigned long, int)');
  t.teardown(() => libc.func('int close(int)')(fd));
  return () => {
    const buffer = Buffer.alloc(4096);
    const length = recv(fd, buffer, buffer.length, 0x40) as number;
    return length < 0 ? undefined : buffer.toString('utf8', 0, length);
  };
}
