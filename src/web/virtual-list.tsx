// A list of which only the rows in view, and some around them, are in the page: ten thousand are as quick as ten. Rows have
// their own heights; those that were never in view have the usual one.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

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
  const [, again] = useReducer((count: number) => count + 1, 0);
  const isPlain = items.length <= plainAtMost;
  const heightOf = (index: number) => {
    const item = items[index];
    return (item === undefined ? undefined : heights.current.get(keyOf(item, index))) ?? rowHeight;
  };

  useEffect(() => {
    if (isPlain) return;
    let frame = 0;
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        again(undefined as never);
      });
    };
    // captured: the list may be in something that scrolls by itself
    addEventListener('scroll', later, { capture: true, passive: true });
    addEventListener('resize', later);
    later();
    return () => {
      removeEventListener('scroll', later, { capture: true });
      removeEventListener('resize', later);
      cancelAnimationFrame(frame);
    };
  }, [isPlain]);

  let first = 0;
  let last = items.length;
  let above = 0;
  let below = 0;
  if (!isPlain) {
    const top = place.current?.getBoundingClientRect().top ?? 0;
    const wantedFrom = -top - around * rowHeight;
    const wantedTo = -top + innerHeight + around * rowHeight;
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

  useLayoutEffect(() => {
    if (isPlain || !place.current) return;
    for (const row of place.current.children) {
      const key = (row as HTMLElement).dataset.key;
      if (key === undefined) continue;
      const index = Number(key);
      const item = items[index];
      if (item !== undefined) heights.current.set(keyOf(item, index), (row as HTMLElement).offsetHeight);
    }
  });

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
