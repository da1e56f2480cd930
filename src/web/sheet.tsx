// Sheets: what opens above a screen, and the buttons that open one.

import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Cross } from './parts.js';
import { t } from './texts/texts.js';

/** A button, and the sheet that it opens. `children`: what is on it, with the way to close it. */
export function SheetButton({
  label,
  title = label,
  looks = '',
  children,
}: {
  label: string;
  title?: string;
  /** Classes of the button. */
  looks?: 'danger' | '';
  children: (close: () => void) => ComponentChildren;
}): JSX.Element {
  const isOpen = useSignal(false);
  const close = () => {
    isOpen.value = false;
  };
  return (
    <>
      <button
        type="button"
        class={`button ${looks}`.trim()}
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {label}
      </button>
      {isOpen.value && (
        <Sheet title={title} onClose={close}>
          {children(close)}
        </Sheet>
      )}
    </>
  );
}

export function Sheet({
  title,
  onClose,
  children,
}: {
  title: ComponentChildren;
  /** Undefined: it stays until what it asks for is done. */
  onClose: (() => void) | undefined;
  children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape
    <dialog
      class="sheet"
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      onCancel={(event) => onClose ?? event.preventDefault()}
      onClick={(event) => event.target === dialog.current && onClose?.()}
    >
      <div class="sheet-body">
        <div class="row apart">
          <h2 id={id} class="grow">
            {title}
          </h2>
          {onClose && (
            <button type="button" class="button plain" onClick={onClose} aria-label={t('action.close')}>
              <Cross />
            </button>
          )}
        </div>
        {children}
      </div>
    </dialog>
  );
}
