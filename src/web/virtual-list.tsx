// A list of which only the rows in view, and some around them, are in the page: ten thousand are as quick as ten. Rows have
// their own heights; those that were never in view have the usual one.

import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** Fewer than these are simply there: browsers find their text, and screen readers count them. */
const plainAtMost = 100;
const around = 12;

export function VirtualList<Item>({
  items,
  keyOf,
  render,
  label,
  rowHeight = 57,
  class: more = 'card',
}: {
  items: readonly Item[];
  keyOf: (item: Item, index: number) => string | number;
  render: (item: Item) => ComponentChildren;
  label: string;
  /** Pixels that a row usually has. */
  rowHeight?: number;
  class?: string;
}): JSX.Element | null {
  const place = useRef<HTMLUListElement>(null);
  const heights = useRef(new Map<string | number, number>());
  const top = useRef(0);
  const measureLater = useRef(() => {});
  const newest = useRef({ items, keyOf });
  newest.current = { items, keyOf };
  const [, again] = useReducer((count: number) => count + 1, 0);
  const isPlain = items.length <= plainAtMost;
  const heightOf = (index: number) => {
    const item = items[index];
    return (item === undefined ? undefined : heights.current.get(keyOf(item, index))) ?? rowHeight;
  };

  useLayoutEffect(() => {
    if (isPlain) return;
    let frame = 0;
    // once before each picture: reading places while the page is changed would lay it out again and again
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        if (measure(place.current, top, heights.current, newest.current)) again(undefined as never);
      });
    };
    measureLater.current = later;
    // captured: the list may be in something that scrolls by itself
    addEventListener('scroll', later, { capture: true, passive: true });
    addEventListener('resize', later);
    return () => {
      measureLater.current = () => {};
      removeEventListener('scroll', later, { capture: true });
      removeEventListener('resize', later);
      cancelAnimationFrame(frame);
    };
  }, [isPlain]);
  useLayoutEffect(() => measureLater.current());

  let first = 0;
  let last = items.length;
  let above = 0;
  let below = 0;
  if (!isPlain) {
    const wantedFrom = -top.current - around * rowHeight;
    const wantedTo = -top.current + innerHeight + around * rowHeight;
    let at = 0;
    first = -1;
    last = items.length;
    for (let index = 0; index < items.length; index++) {
      const height = heightOf(index);
      if (first < 0 && at + height > wantedFrom) {
        first = index;
        above = at;
      }
      if (at > wantedTo) {
        last = Math.min(last, index);
        below += height;
      }
      at += height;
    }
    if (first < 0) {
      first = Math.max(0, items.length - around);
      above = 0;
      for (let index = 0; index < first; index++) above += heightOf(index);
    }
  }

  if (items.length === 0) return null;
  return (
    <ul class={`list ${more}`} aria-label={label} ref={place}>
      {above > 0 && <li aria-hidden="true" class="gap" style={{ height: `${above}px` }} />}
      {items.slice(first, last).map((item, offset) => {
        const index = first + offset;
        return (
          <li
            key={keyOf(item, index)}
            data-key={index}
            {...(!isPlain && { 'aria-setsize': items.length, 'aria-posinset': index + 1 })}
          >
            {render(item)}
          </li>
        );
      })}
      {below > 0 && <li aria-hidden="true" class="gap" style={{ height: `${below}px` }} />}
    </ul>
  );
}

/** Where the list is and how high its rows are. Whether anything is elsewhere, or of another height, than before. */
function measure<Item>(
  list: HTMLUListElement | null,
  top: { current: number },
  heights: Map<string | number, number>,
  { items, keyOf }: { items: readonly Item[]; keyOf: (item: Item, index: number) => string | number },
): boolean {
  if (!list) return false;
  const now = list.getBoundingClientRect().top;
  let isOther = now !== top.current;
  top.current = now;
  for (const row of list.children as HTMLCollectionOf<HTMLElement>) {
    const index = Number(row.dataset.key ?? -1);
    const item = items[index];
    if (item === undefined) continue;
    const key = keyOf(item, index);
    const height = row.offsetHeight;
    if (heights.get(key) === height) continue;
    heights.set(key, height);
    isOther = true;
  }
  return isOther;
}
