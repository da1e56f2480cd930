// Which messages make the structure of a canvas: its size, layers, timeline and who may change them. Without the
// others all of that comes out the same, and nothing has to be drawn.

/** Dabs, images, fills, moved regions, tiles, backgrounds, selections, ends of strokes: pixels only. */
const pixelMessages: ReadonlySet<number> = new Set([
  136, 137, 140, 146, 147, 148, 149, 150, 151, 152, 160, 165, 174, 175, 176, 177, 178, 179, 180, 181, 182,
]);

export function isStructural(type: number): boolean {
  return !pixelMessages.has(type);
}
