// Where the keyboard is stays known, and is seen: a button that is switched off while its action runs gets the focus back, and when what
// has the focus goes away (a row that was deleted, a message that was undone), the part of the page around it has it.
// Otherwise the next Tab, and a screen reader, would begin at the top. What lies over the lower edge of the page covers
// nothing that has the focus.

/** What had the focus, and what is around it, from the inside. */
let last: { readonly at: HTMLElement; readonly around: readonly Element[] } | undefined;

const isOff = (element: Element) => element.matches(':disabled');

function take({ target }: FocusEvent): void {
  if (!(target instanceof HTMLElement) || target === document.body) return;
  const around: Element[] = [];
  for (let at = target.parentElement; at !== null && at !== document.body; at = at.parentElement)
    around.push(at);
  last = { at: target, around };
  if (target.matches(':focus-visible')) uncover(target);
}

const atLowerEdge = '.toasts:not(:empty), nav.places, .savebar';
/** Between what has the focus and what would cover it. */
const gapPixels = 12;

function uncover(target: HTMLElement): void {
  if (target.closest(`${atLowerEdge}, dialog`)) return;
  const tops = [...document.querySelectorAll(atLowerEdge)].map((each) => each.getBoundingClientRect());
  // at a desk the navigation stands beside the page
  const edge = Math.min(...tops.filter(({ top }) => top > innerHeight / 2).map(({ top }) => top));
  const { top, bottom } = target.getBoundingClientRect();
  const hidden = bottom + gapPixels - edge;
  // something high stays where its beginning is seen
  if (hidden > 0 && top - hidden > 0) scrollBy(0, hidden);
}

/** Somebody who clicks beside everything wants it nowhere. */
function leave({ target }: FocusEvent): void {
  queueMicrotask(() => {
    if (last?.at === target && last.at.isConnected && !isOff(last.at)) last = undefined;
  });
}

/** So long an action may take that switches its button off; then what is around the button has the focus. */
const offMs = 700;
let timer: ReturnType<typeof setTimeout> | undefined;

function giveBack(): void {
  clearTimeout(timer);
  if (last === undefined || (document.activeElement ?? document.body) !== document.body) return;
  if (!last.at.isConnected) focusAround();
  else if (isOff(last.at)) timer = setTimeout(focusAround, offMs);
  else last.at.focus({ preventScroll: true });
}

function focusAround(): void {
  if (last === undefined || (document.activeElement ?? document.body) !== document.body) return;
  const place = last.around.find((each) => each.isConnected);
  last = undefined;
  if (!(place instanceof HTMLElement)) return;
  if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

export function keepFocus(): void {
  addEventListener('focusin', take);
  addEventListener('focusout', leave);
  // after what draws has put the focus where it wants it
  new MutationObserver(() => requestAnimationFrame(giveBack)).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ['disabled'],
  });
}
