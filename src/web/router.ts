// Which place the address bar names. Links of the app change it without loading the page again.

import { signal } from '@preact/signals';
import { root } from './paths.js';

export const path = signal(location.pathname);
/** Filters of the place, such as `level=warn`. */
export const query = signal(location.search);

function take(): void {
  path.value = location.pathname;
  query.value = location.search;
}

export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (to !== location.pathname + location.search) {
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
  }
  take();
}

/** One filter; '' takes it away. The address is that of what is seen, so that it can be given to others. */
export function setFilter(name: string, value: string): void {
  const filters = new URLSearchParams(location.search);
  if (value === '') filters.delete(name);
  else filters.set(name, value);
  const text = filters.toString();
  go(location.pathname + (text === '' ? '' : `?${text}`), { replace: true });
}

export function filter(name: string): string {
  return new URLSearchParams(query.value).get(name) ?? '';
}

addEventListener('popstate', take);
addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.origin !== location.origin || link.target !== '' || link.hash !== '') return;
  if (!link.pathname.startsWith(root) || link.hasAttribute('download')) return;
  event.preventDefault();
  go(link.pathname + link.search);
  scrollTo(0, 0);
});
