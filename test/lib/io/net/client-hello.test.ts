// What is read off the first message of TLS clients: real ones, in pieces, and broken.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import test from 'ava';
import { readClientHello } from '../../../../src/lib/io/net/client-hello.js';
import { Seeded } from '../../../helpers/seeded.js';

/** The first bytes that a client sends. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  let bytes = Buffer.alloc(0);
  for await (const piece of socket) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    if (readClientHello(bytes) !== 'more') break;
  }
  client.destroy();
  server.close();
  return bytes;
}

test('the name and the protocols, as OpenSSL sends them', async (t) => {
  const bytes = await helloOf({ servername: 'Draw.Example.org', ALPNProtocols: ['acme-tls/1'] });
  t.deepEqual(readClientHello(bytes), { name: 'draw.example.org', protocols: ['acme-tls/1'] });
  const browser = await helloOf({ servername: 'a.example', ALPNProtocols: ['h2', 'http/1.1'] });
  t.deepEqual(readClientHello(browser), { name: 'a.example', protocols: ['h2', 'http/1.1'] });
  const old = await helloOf({ maxVersion: 'TLSv1.2' });
  t.deepEqual(readClientHello(old), { name: undefined, protocols: [] });
});

test('a message that comes in pieces, of the network and of TLS', async (t) => {
  const bytes = await helloOf({ servername: 'draw.example', ALPNProtocols: ['acme-tls/1'] });
  const whole = readClientHello(bytes);
  for (let end = 1; end < bytes.length; end++) {
    t.is(readClientHello(bytes.subarray(0, end)), 'more', `${end} bytes`);
  }
  const body = bytes.subarray(5);
  for (const size of [1, 3, 4, 100]) {
    const records: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) {
      const piece = body.subarray(at, at + size);
      records.push(Buffer.from([0x16, 3, 1, piece.length >> 8, piece.length & 0xff]), piece);
    }
    t.deepEqual(readClientHello(Buffer.concat(records)), whole, `records of ${size} bytes`);
  }
  t.deepEqual(readClientHello(Buffer.concat([bytes, Buffer.from('more')])), whole, 'with what follows');
});

test('what is no such message is told apart at once, and nothing waits for ever', (t) => {
  for (const hex of [
    '1603010004020000',
    '160301000502000001',
    '1603010000',
    '16030100050100000100',
    '1603010004011000001603010004',
  ]) {
    const read = readClientHello(Buffer.from(hex, 'hex'));
    t.true(read === undefined || read === 'more', hex);
  }
  t.is(readClientHello(Buffer.from('160301000402000010', 'hex')), undefined, 'another message');
  t.is(readClientHello(Buffer.from('16030100040100ffff', 'hex')), undefined, 'too long');
  const endless = Buffer.concat(
    Array.from({ length: 40_000 }, () => Buffer.from('160301000101', 'hex')).slice(0, 40_000),
  );
  t.is(readClientHello(endless), undefined, 'records without end');
});

test('no bytes make it fail', async (t) => {
  const bytes = await helloOf({ servername: 'draw.example', ALPNProtocols: ['h2'] });
  const random = new Seeded(7);
  for (let round = 0; round < 20_000; round++) {
    const broken = Buffer.from(bytes);
    for (let change = random.below(4); change >= 0; change--) {
      broken[random.below(broken.length)] = random.below(256);
    }
    const read = readClientHello(broken.subarray(0, random.below(broken.length + 1)));
    t.true(read === undefined || read === 'more' || Array.isArray(read.protocols));
  }
});
