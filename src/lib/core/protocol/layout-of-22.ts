// Where ids in messages of 2.2 (dp:4.24) differ from 2.3 (dp:4.25), and which messages 2.3 does not have:
// protocol.md §7.4. Used to read 2.2 as 2.3, for converting and for rendering recordings.

/** Types of 4.24 that 4.25 does not know any more, or that its original refuses in 4.24 files. */
export const droppedSince22: ReadonlySet<number> = new Set([67, 72, 130, 133, 134, 135, 145, 174, 175]);

/** Owner and number of an id change places. */
export function swapId(id: number): number {
  return ((id & 0xff) << 8) | (id >> 8);
}

/** Fields that hold a layer, annotation or track id; which type of id makes no difference to the swap. */
export const idFieldsOf22: Readonly<Record<number, readonly string[]>> = {
  69: ['id'],
  71: ['id'],
  131: ['id'],
  132: ['id'],
  136: ['layer'],
  137: ['layer'],
  141: ['id'],
  142: ['id'],
  143: ['id'],
  144: ['id'],
  146: ['layer'],
  148: ['layer'],
  149: ['layer'],
  150: ['layer'],
  151: ['layer'],
  160: ['layer', 'source'],
  162: ['id', 'source', 'target'],
  163: ['layer', 'parent', 'sibling'],
  164: ['id', 'merge_to'],
  165: ['layer', 'source'],
  166: ['id', 'insert_id', 'source_id'],
  167: ['id'],
  168: ['id'],
  170: ['track_id', 'source_id'],
  171: ['track_id'],
  172: ['track_id'],
  173: ['track_id', 'move_track_id'],
};

/** Layers and flags, which 2.2 writes one after the other, as one number each: flags on top, layer below. */
export function pairedLayerFlags(pairs: readonly number[]): number[] {
  const together: number[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    together.push(((((pairs[at + 1] ?? 0) & 0xff) << 24) | swapId(pairs[at] ?? 0)) >>> 0);
  }
  return together;
}
