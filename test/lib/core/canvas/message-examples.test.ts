// Whole messages with the tiles that the C engine had after them (test/vectors/canvas/pixel-examples.json, op messages):
// CRC-32 of every tile, padding beyond the edge of the canvas included.
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import { profiles } from '../../../../src/lib/core/canvas/pixel.js';
import type { LayerNode } from '../../../../src/lib/core/canvas/state.js';
import type { TileGrid } from '../../../../src/lib/core/canvas/tiles.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';

interface WantedLayer {
  id: number;
  tiles?: (string | null)[];
  children?: WantedLayer[];
}

interface Wanted {
  layers: WantedLayer[];
}

interface Example {
  id: string;
  op: string;
  name: string;
  protocol: '4.24' | '4.25';
  messages: number[];
  out: Wanted;
  avx2?: Wanted;
}

const file = JSON.parse(readFileSync('test/vectors/canvas/pixel-examples.json', 'utf8')) as {
  examples: Example[];
  messageTable: string[];
};
const examples = file.examples.filter(({ op }) => op === 'messages');

/**
 * OKLab lanes of AVX2: the library of the examples was compiled without joining products and sums, the reference of the
 * recordings with it. The engine follows the recordings.
 */
const ofAnotherCompiler = ['ms34', 'ms77', 'ms93', 'ms94', 'ms95'];

function crcOf({ buffer, byteOffset, byteLength }: Uint16Array): string {
  return crc32(Buffer.from(buffer, byteOffset, byteLength))
    .toString(16)
    .padStart(8, '0');
}

function tilesOf(grid: TileGrid): (string | null)[] {
  return Array.from({ length: grid.slots }, (_, index) => {
    const tile = grid.get(index);
    return tile === undefined ? null : crcOf(tile.pixels);
  });
}

type Tiles = [id: number, tiles: (string | null)[]][];

function given(nodes: readonly LayerNode[]): Tiles {
  return nodes.flatMap((node) =>
    node.kind === 'group' ? given(node.children.nodes) : [[node.id, tilesOf(node.content.grid)]],
  );
}

function wanted(layers: readonly WantedLayer[]): Tiles {
  return layers.flatMap(({ id, tiles, children }) => [
    ...(tiles === undefined ? [] : [[id, tiles] as Tiles[number]]),
    ...wanted(children ?? []),
  ]);
}

for (const profile of profiles) {
  test(`${profile}: tiles after whole messages`, async (t) => {
    const codecs = await loadCodecs();
    t.is(examples.length, 178);
    for (const { id, name, protocol, messages, out, avx2 } of examples) {
      if (profile === 'avx2' && ofAnotherCompiler.includes(id)) continue;
      const canvas = new Canvas({
        generation: protocol,
        access: 'none',
        profile,
        codecs,
        hasOpaqueTile: true,
      });
      for (const index of messages) canvas.feed(Buffer.from(file.messageTable[index]!, 'hex'));
      const want = profile === 'avx2' ? (avx2 ?? out) : out;
      t.deepEqual(given(canvas.inside.state.layers.nodes), wanted(want.layers), `${id} ${name}`);
    }
  });
}
