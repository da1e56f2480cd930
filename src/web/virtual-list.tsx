// A list of which only the rows in view, and some around them, are in the page: ten thousand are as quick as ten. Rows have
// their own heights; those that were never in view have the usual one.

import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** Fewer than these are simply there: browsers find their text, and screen readers count them. */
const plainAtMost = 100;
/** Rows beside those in view that are there too. */
const around = 10;

/** Pixels: where the first row is, or would be, and what of the list can be seen, all from the upper edge of the screen. */
interface View {
  readonly top: number;
  readonly from: number;
  readonly to: number;
}

/** Rows from `first` to before `last`, and the pixels of those that are left out. */
interface Range {
  readonly first: number;
  readonly last: number;
  readonly above: number;
  readonly below: number;
}

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
  const view = useRef<View>({ top: 0, from: 0, to: innerHeight });
  const measureLater = useRef(() => {});
  const [, again] = useReducer((count: number) => count + 1, 0);
  const isPlain = items.length <= plainAtMost;
  const rangeWith = (beside: number): Range => {
    const heightOf = (index: number) => {
      const item = items[index];
      return (item === undefined ? undefined : heights.current.get(keyOf(item, index))) ?? rowHeight;
    };
    return rangeOf(items.length, heightOf, view.current, beside * rowHeight);
  };
  const shown: Range = isPlain ? { first: 0, last: items.length, above: 0, below: 0 } : rangeWith(around);
  /** Whether rows have other heights than before, or half of those beside the view are in it. */
  const isOther = (list: HTMLUListElement): boolean => {
    view.current = viewOf(list);
    let isOther = false;
    for (const row of list.children as HTMLCollectionOf<HTMLElement>) {
      const index = Number(row.dataset.key ?? -1);
      const item = items[index];
      if (item === undefined) continue;
      const key = keyOf(item, index);
      const height = row.offsetHeight;
      if (heights.current.get(key) === height) continue;
      isOther ||= (heights.current.get(key) ?? rowHeight) !== height;
      heights.current.set(key, height);
    }
    const needed = rangeWith(around / 2);
    return isOther || needed.first < shown.first || needed.last > shown.last;
  };
  const newest = useRef(isOther);
  newest.current = isOther;

  useLayoutEffect(() => {
    if (isPlain) return;
    let frame = 0;
    // once before each picture: reading places while the page is changed would lay it out again and again
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        if (place.current && newest.current(place.current)) again(undefined as never);
      });
    };
    measureLater.current = later;
    // captured: the list may be in something that scrolls by itself, or do so
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

  if (items.length === 0) return null;
  const { first, last, above, below } = shown;
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

function viewOf(list: HTMLUListElement): View {
  const { top, bottom } = list.getBoundingClientRect();
  const from = Math.min(Math.max(0, top), bottom);
  return { top: top - list.scrollTop, from, to: Math.max(from, Math.min(innerHeight, bottom)) };
}

/** The rows in view and in so many pixels beside it; never none. */
function rangeOf(
  count: number,
  heightOf: (index: number) => number,
  { top, from, to }: View,
  beside: number,
): Range {
  let first = -1;
  let last = 0;
  let above = 0;
  let below = 0;
  let at = top;
  for (let index = 0; index < count; index++) {
    const height = heightOf(index);
    // where the list is off the screen, its row that is nearest to it counts as in view
    if (first < 0 && (at + height > from - beside || index === count - 1)) first = index;
    if (first < 0) above += height;
    else if (at <= to + beside || index === first) last = index + 1;
    else below += height;
    at += height;
  }
  return { first: Math.max(0, first), last, above, below };
}
