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
  toast(text(), async () => {
    await undo();
    toast(undone(), () => undoable(text, undone, act), 'action.redo');
  });
}

/** How long something can be undone. */
const toastMs = 10_000;

export function toast(text: string, undo?: Undo, label: TextKey = 'action.undo'): void {
  const id = ++lastToast;
  toasts.value = [...toasts.value.slice(-2), { id, text, undo, label }];
  setTimeout(() => dismiss(id), undo ? toastMs : toastMs / 2);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ id, text, undo, label }) => (
        <div class="toast" key={id}>
          <span class="grow">{text}</span>
          {undo && (
            <button
              type="button"
              class="button"
              onClick={() => {
                dismiss(id);
                undo().catch((error: unknown) => toast(wordsOf(error)));
              }}
            >
              {t(label)}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
