// Addresses of the app. Pure: what the address bar says becomes a place, and back.

export const root = '/admin/';

export type Place =
  | {
      readonly name: 'now' | 'reports' | 'people' | 'bans' | 'accounts' | 'files' | 'log' | 'settings' | 'me';
    }
  | { readonly name: 'session'; readonly id: string }
  | { readonly name: 'report'; readonly id: number }
  | { readonly name: 'person'; readonly id: string }
  | { readonly name: 'unknown' };

const plain = ['reports', 'people', 'bans', 'accounts', 'files', 'log', 'settings', 'me'] as const;

export function placeAt(path: string): Place {
  if (path === root || path === '/admin') return { name: 'now' };
  if (!path.startsWith(root)) return { name: 'unknown' };
  const [first = '', second = '', ...rest] = path.slice(root.length).replace(/\/$/, '').split('/');
  if ((first === 'session' || first === 'person') && second !== '' && rest.length === 0) {
    const id = decoded(second);
    return id === undefined ? { name: 'unknown' } : { name: first, id };
  }
  if (first === 'report' && /^\d{1,9}$/.test(second) && rest.length === 0) {
    return { name: 'report', id: Number(second) };
  }
  const name = plain.find((each) => each === first);
  return name !== undefined && second === '' ? { name } : { name: 'unknown' };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export const sessionPath = (id: string): string => `${root}session/${encodeURIComponent(id)}`;
export const reportPath = (id: number): string => `${root}report/${id}`;
/** By name: what somebody shows to others is what a moderator knows. */
export const personPath = (name: string): string => `${root}person/${encodeURIComponent(name)}`;

/**
 * Where to go after logging in: a path of the app on this server, or its start. Browsers read `/\evil.example` and
 * `//evil.example` as addresses of other servers, and drop tabs and line breaks before they read anything.
 */
export function safeNext(given: string | null | undefined): string {
  if (given === null || given === undefined) return root;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are meant
  if (/[\u0000-\u0020\u007f\\]/.test(given) || !given.startsWith(root)) return root;
  const here = 'https://server.invalid';
  let url: URL;
  try {
    url = new URL(given, here);
  } catch {
    return root;
  }
  if (url.origin !== here || !url.pathname.startsWith(root)) return root;
  return url.pathname + url.search;
}
