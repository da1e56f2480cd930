// What the server sends by itself, and answers that follow it: nothing here asks again and again. An event says that
// something is new; who shows it asks for what it shows, at most twice a second.

import { type Signal, signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import {
  type ApiError,
  call,
  changes,
  type InputOf,
  noteExpiry,
  type OperationName,
  type OutputOf,
  request,
  session,
} from './api.js';
import { EventReader } from './sse.js';

export type Kind =
  | 'session'
  | 'person'
  | 'chat'
  | 'log'
  | 'report'
  | 'note'
  | 'ban'
  | 'setting'
  | 'account'
  | 'file'
  | 'audit'
  | 'health'
  | 'gap';

export interface Happening {
  readonly kind: Kind;
  readonly data: Readonly<Record<string, unknown>>;
}

export const stream = signal<'off' | 'connecting' | 'live' | 'lost' | 'unsupported'>('off');

const listeners = new Set<(happening: Happening) => void>();

export function listen(listener: (happening: Happening) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function emit(happening: Happening): void {
  for (const listener of listeners) listener(happening);
}

const firstWaitMs = 500;
const longestWaitMs = 15_000;
/** The server sends something at least this often. */
const silenceMs = 60_000;

let stop: AbortController | undefined;
/** Something was answered before the server sent its news: what changed in between is in neither. */
let isBehind = false;

function noteAnswer(): void {
  if (stream.peek() === 'connecting') isBehind = true;
}

/** Follows the server until `endStream`; a lost connection is built again, with what was missed in between. */
export function beginStream(): void {
  stop?.abort();
  const ending = new AbortController();
  stop = ending;
  void follow(ending.signal);
}

export function endStream(): void {
  stop?.abort();
  stop = undefined;
  stream.value = 'off';
}

async function follow(ending: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  let wait = firstWaitMs;
  let wasLost = false;
  stream.value = 'connecting';
  while (!ending.aborted) {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    ending.addEventListener('abort', abort);
    let silence = setTimeout(abort, silenceMs);
    try {
      const response = await request('events', {
        signal: attempt.signal,
        headers: { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) },
      });
      if (response.status === 404) {
        stream.value = 'unsupported';
        return;
      }
      if (response.status === 401) {
        noteExpiry({ code: 'login-needed' });
        return;
      }
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      stream.value = 'live';
      wait = firstWaitMs;
      // what was asked meanwhile may have failed: everything that is shown is asked for again
      if (wasLost || isBehind) emit({ kind: 'gap', data: {} });
      isBehind = false;
      const reader = new EventReader();
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(abort, silenceMs);
        for (const { id, kind, data } of reader.push(value)) {
          if (id !== undefined) lastId = id;
          emit({ kind: kind as Kind, data: parsed(data) });
        }
      }
    } catch {
      // tried again below
    } finally {
      clearTimeout(silence);
      ending.removeEventListener('abort', abort);
    }
    if (ending.aborted) return;
    wasLost = true;
    stream.value = 'lost';
    await pause(wait, ending);
    wait = Math.min(longestWaitMs, wait * 2);
  }
}

function parsed(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Ends early when the browser is online again. */
function pause(ms: number, ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      ending.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms * (0.75 + Math.random() / 2));
    addEventListener('online', end);
    ending.addEventListener('abort', end);
  });
}

/** Not with the value that there is already. */
function whenChanged<Value>(of: Signal<Value>, run: (value: Value) => void): () => void {
  let isFirst = true;
  return of.subscribe((value) => {
    if (!isFirst) run(value);
    isFirst = false;
  });
}

/** Questions that were asked in this turn: parts of one screen that show the same share its answer. */
const askedNow = new Map<string, Promise<unknown>>();

function askShared<Name extends OperationName>(name: Name, input: string): Promise<OutputOf<Name>> {
  const key = `${name} ${input}`;
  const known = askedNow.get(key);
  if (known !== undefined) return known as Promise<OutputOf<Name>>;
  const answer = call(name, JSON.parse(input) as InputOf<Name>);
  answer.then(noteAnswer, () => undefined);
  askedNow.set(key, answer);
  setTimeout(() => askedNow.delete(key));
  return answer;
}

export type Early = { [Name in OperationName]: readonly [Name, InputOf<Name>] }[OperationName];

/** Answers that were there before the screen that shows them, and what has happened since they were asked for. */
const early = new Map<string, unknown>();
let sinceEarly: Happening[] | undefined;
const earlyMs = 2000;

/** Asks what the first screen will ask. Its answers are used once, soon. Failures are left to that screen. */
export async function askEarly(questions: readonly Early[]): Promise<void> {
  if (questions.length === 0) return;
  const happened: Happening[] = [];
  sinceEarly = happened;
  const end = listen((happening) => happened.push(happening));
  const ask = async ([name, input]: Early) => {
    const key = `${name} ${JSON.stringify(input)}`;
    const asked = call(name, input);
    askedNow.set(key, asked);
    try {
      early.set(key, await asked);
      noteAnswer();
    } finally {
      askedNow.delete(key);
    }
  };
  await Promise.allSettled(questions.map(ask));
  setTimeout(() => {
    end();
    early.clear();
    sinceEarly = undefined;
  }, earlyMs);
}

export interface Live<Output> {
  /** The newest answer; undefined: there is none yet. */
  readonly data: Output | undefined;
  /** Why the newest question was not answered; what was there before stays. */
  readonly error: ApiError | undefined;
  refresh(): void;
}

const usualLeastMs = 500;

/** The answer of an operation, asked again when one of these kinds of events comes. `undefined` input: nothing is asked. */
export function useLive<Name extends OperationName>(
  name: Name,
  input: InputOf<Name> | undefined,
  kinds: readonly Kind[],
  isAbout: (happening: Happening) => boolean = () => true,
  /** Between two questions. */
  leastMs = usualLeastMs,
): Live<OutputOf<Name>> {
  const key = input === undefined ? undefined : JSON.stringify(input);
  const [state, setState] = useState<{ key?: string; data?: OutputOf<Name>; error?: ApiError }>(() => {
    const data = early.get(`${name} ${key}`) as OutputOf<Name> | undefined;
    return key === undefined || data === undefined ? {} : { key, data };
  });
  /** The answer that was there at the start is asked for by nobody else. */
  const isEarly = useRef(state.data !== undefined);
  const asked = useRef(0);
  const about = useRef(isAbout);
  about.current = isAbout;
  const ask = useCallback(() => {
    if (key === undefined) return;
    const turn = ++asked.current;
    askShared(name, key).then(
      (data) => turn === asked.current && setState({ key, data }),
      (error: ApiError) =>
        turn === asked.current &&
        setState((before) => ({
          ...(before.key === key && before.data !== undefined && { data: before.data }),
          key,
          error,
        })),
    );
  }, [name, key]);
  useEffect(() => {
    if (!isEarly.current) ask();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        ask();
      }, leastMs);
    };
    const take = (happening: Happening) => {
      if (happening.kind === 'gap' || (kinds.includes(happening.kind) && about.current(happening))) later();
    };
    if (isEarly.current) sinceEarly?.forEach(take);
    isEarly.current = false;
    const end = listen(take);
    // logged in again: what was refused meanwhile is asked once more
    const unsubscribe = whenChanged(session, ({ is }) => {
      if (is === 'in') later();
    });
    const endChanges = whenChanged(changes, later);
    return () => {
      end();
      endChanges();
      unsubscribe();
      clearTimeout(timer);
      asked.current++;
    };
  }, [ask, kinds.join()]);
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    refresh: ask,
  };
}

/**
 * What was chosen in a list, also after it left the list: a sheet about it stays, with what was typed there.
 * `found`: as the list has it now.
 */
export function useKept<Item>(
  found: Item | undefined,
  isChosen: boolean,
): { item: Item | undefined; isGone: boolean } {
  const kept = useRef<Item | undefined>(undefined);
  if (!isChosen) kept.current = undefined;
  else if (found !== undefined) kept.current = found;
  return { item: kept.current, isGone: isChosen && found === undefined };
}
