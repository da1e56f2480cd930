// Requests to the server: the same operations as those of the terminal. Who is logged in is known here.

import { signal } from '@preact/signals';
import type { Ability, Lacks } from '../lib/admin/admin.js';
import type { Role } from '../lib/admin/needs.js';
import type { InputOf, OperationName, OutputOf } from '../lib/admin/operations.js';
import { errorText, t, visible } from './texts/texts.js';

export type { InputOf, OperationName, OutputOf };

export interface Me {
  readonly name: string;
  readonly role: Role;
  /** Sent with each change; '': nobody asked who this is. */
  readonly csrf: string;
  /** Milliseconds since 1970; undefined: there is no login that could expire. */
  readonly expires: number | undefined;
  /** What the server cannot do: it is a drawpile-srv. */
  readonly lacks?: Lacks;
  /** Those that can be chosen in this app, the first one first; '' is the one on this machine. */
  readonly servers?: readonly string[];
  /** There is no server yet: it is set up first. */
  readonly needsSetUp?: boolean;
}

/** `unknown`: the server was not asked yet; `expired`: there was one. */
export type Session =
  | { readonly is: 'unknown' }
  | { readonly is: 'out' }
  | { readonly is: 'in'; readonly me: Me }
  | { readonly is: 'expired'; readonly me: Me };

export const session = signal<Session>({ is: 'unknown' });

export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What is wrong with what somebody gave, in words of the app. */
export class Mistake extends Error {}

export function wordsOf(error: unknown): string {
  if (error instanceof Mistake) return error.message;
  if (!(error instanceof ApiError)) return t('error.unknown', { code: String(error).slice(0, 100) });
  const own = errorText(error.code);
  if (own !== undefined) return own;
  // names of others in it turn nothing of the sentence
  return visible(error.hint === '' ? error.message : `${error.message} – ${error.hint}`);
}

/** Whether the server cannot do this at all, whoever asks. */
export function isLacking(...abilities: readonly Ability[]): boolean {
  const now = session.value;
  const lacks = now.is === 'in' || now.is === 'expired' ? now.me.lacks : undefined;
  return lacks !== undefined && abilities.every((ability) => lacks.abilities.includes(ability));
}

/** Why a button is greyed; undefined: it is not. */
export function lackText(...abilities: readonly Ability[]): string | undefined {
  if (!isLacking(...abilities)) return undefined;
  const now = session.value;
  const server = (now.is === 'in' || now.is === 'expired') && now.me.lacks?.server;
  return t('server.lacks', { server: server || 'drawpile-srv' });
}

const prefix = '/api/dp/1/';
const serverKey = 'dp-server';

/** Which of the servers of this app is shown in this tab; undefined: the first. */
export function chosenServer(): string | undefined {
  try {
    return sessionStorage.getItem(serverKey) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Shows another server: the page begins anew, so that nothing of the one before stays. */
export function chooseServer(name: string): void {
  sessionStorage.setItem(serverKey, name);
  location.assign('/admin/');
}

/** With the headers that keep a browser from showing its own password prompt. `server`: of those of this app. */
export function request(
  path: string,
  init: RequestInit = {},
  server: string | undefined = chosenServer(),
): Promise<Response> {
  const now = session.peek();
  const csrf = now.is === 'in' ? now.me.csrf : '';
  return fetch(`${prefix}${path}`, {
    ...init,
    credentials: 'same-origin',
    headers: {
      'x-requested-with': 'XMLHttpRequest',
      ...(csrf !== '' && { 'x-csrf-token': csrf }),
      ...(server !== undefined && { 'x-dp-server': encodeURIComponent(server) }),
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
      ...(init.headers as Record<string, string> | undefined),
    },
  });
}

async function send(path: string, init: RequestInit, server?: string): Promise<unknown> {
  let response: Response;
  try {
    response = await request(path, init, server);
  } catch {
    throw new ApiError('offline', t('error.offline'));
  }
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (response.ok) return body;
  const {
    code = `http-${response.status}`,
    message = '',
    hint = '',
  } = (body ?? {}) as Record<string, string>;
  throw new ApiError(code, message || t('error.unknown', { code }), hint);
}

/** Of a file of the server, for a link: a browser stores what it downloads without holding it in memory. */
export function downloadPath(kind: string, name: string): string {
  const server = chosenServer();
  const query = new URLSearchParams({ kind, name, ...(server !== undefined && { server }) });
  return `${prefix}file/content?${query}`;
}

/** What is asked beside operations: the first set-up. */
export function ask(path: string, body?: unknown): Promise<unknown> {
  return send(path, body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) });
}

/** Counts what was changed from here: who shows something looks again, however the server sends its news. */
export const changes = signal(0);
/** From the table of operations, put in by scripts/web.mjs. */
declare const CHANGING_OPERATIONS: readonly OperationName[];
const changing: ReadonlySet<OperationName> = new Set(CHANGING_OPERATIONS);

export function call<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
  const lack = lackText(name);
  if (lack !== undefined) return Promise.reject(new ApiError('lacking', lack));
  const path = name.replace('.', '/');
  return send(path, { method: 'POST', body: JSON.stringify(input) }).then(
    (output) => {
      if (changing.has(name)) changes.value++;
      return output as OutputOf<Name>;
    },
    (error: ApiError) => {
      noteExpiry(error);
      throw error;
    },
  );
}

/** Asks another server of this app, without choosing it. */
export async function callAt<Name extends OperationName>(
  server: string,
  name: Name,
  input: InputOf<Name>,
): Promise<OutputOf<Name>> {
  const init = { method: 'POST', body: JSON.stringify(input) };
  return (await send(name.replace('.', '/'), init, server)) as OutputOf<Name>;
}

/** A login that is over is said so at once, over what is on the screen. */
export function noteExpiry({ code }: { code: string }): void {
  const now = session.peek();
  const isOver = code === 'login-needed' || code === 'http-401' || code === 'csrf-token-wrong';
  if (isOver && now.is === 'in') session.value = { is: 'expired', me: now.me };
}

const meOf = (body: unknown) => body as Me;

/** Who this browser is logged in as, or whether nobody needs to be. */
export async function lookWhoIAm(): Promise<void> {
  try {
    session.value = { is: 'in', me: meOf(await send('login', { method: 'GET' })) };
    return;
  } catch (error) {
    if ((error as ApiError).code === 'offline') throw error;
  }
  try {
    await send('server/status', { method: 'GET' });
    session.value = { is: 'in', me: { name: 'local', role: 'administrator', csrf: '', expires: undefined } };
  } catch (error) {
    if ((error as ApiError).code === 'offline') throw error;
    session.value = { is: 'out' };
  }
}

export async function logIn(by: { name: string; password: string } | { link: string }): Promise<void> {
  session.value = { is: 'in', me: meOf(await send('login', { method: 'POST', body: JSON.stringify(by) })) };
}

export async function logOut(): Promise<void> {
  await send('login', { method: 'DELETE' });
  session.value = { is: 'out' };
}
