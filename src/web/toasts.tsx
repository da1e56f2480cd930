// What was just done, said at the edge of the page for a while, with the way back.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { wordsOf } from './api.js';
import type { TextKey } from './texts/en.js';
import { t } from './texts/texts.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly undo: Undo | undefined;
  readonly label: TextKey;
  /** Where there is more about it. */
  readonly path: string | undefined;
}

/** Takes something back; what it returns does that again. */
export type Undo = () => Promise<unknown>;

const toasts = signal<readonly Toast[]>([]);
let lastToast = 0;
/**
 * Does something that can be taken back for ten seconds, and then done again, as often as somebody likes.
 * `act` returns how to take it back; the texts are asked for when that is done.
 */
export async function undoable(
  text: () => string,
  undone: () => string,
  act: () => Promise<Undo>,
): Promise<void> {
  const undo = await act();
  const back = async () => {
    await undo();
    toast(undone(), { undo: () => undoable(text, undone, act), label: 'action.redo' });
  };
  toast(text(), { undo: back });
}

/** How long something can be undone. */
const toastMs = 10_000;
/** The same for whoever has to go there with Tab. */
const keyboardMs = 40_000;

export function toast(
  text: string,
  { undo, label = 'action.undo', path }: { undo?: Undo; label?: TextKey; path?: string } = {},
): void {
  const id = ++lastToast;
  toasts.value = [...toasts.value.slice(-2), { id, text, undo, label, path }];
  const ms = undo ? (usesKeyboard() ? keyboardMs : toastMs) : path === undefined ? toastMs / 2 : toastMs;
  whenSeen(() => setTimeout(() => dismiss(id), ms));
}

/** What is said to nobody waits until somebody looks at the page again. */
function whenSeen(run: () => void): void {
  if (document.hidden) document.addEventListener('visibilitychange', () => whenSeen(run), { once: true });
  else run();
}

/** Ctrl+Z does what the newest of them offers, unless somebody is writing. */
export function undoByKey(event: KeyboardEvent): void {
  if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
    return;
  if (event.target instanceof Element && event.target.matches('input:not([type=checkbox]), textarea, select'))
    return;
  const newest = toasts.value.findLast(({ undo }) => undo !== undefined);
  if (!newest) return;
  event.preventDefault();
  takeBack(newest);
}

function takeBack({ id, undo }: Toast): void {
  dismiss(id);
  undo?.().catch((error: unknown) => toast(wordsOf(error)));
}

function usesKeyboard(): boolean {
  return document.activeElement?.matches(':focus-visible') === true;
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status">
      {toasts.value.map((each) => (
        <div class="toast" key={each.id}>
          <span class="grow">{each.text}</span>
          {each.path !== undefined && (
            <a class="button" href={each.path} onClick={() => setTimeout(() => dismiss(each.id))}>
              {t('action.show')}
            </a>
          )}
          {each.undo && (
            <button type="button" class="button" aria-keyshortcuts="Control+Z" onClick={() => takeBack(each)}>
              {t(each.label)}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
