// The commands of a terminal that do the same as a form or a list, each with a button that copies it.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { t, visible } from './texts/texts.js';

/** The commands that do the same, on demand. */
export function Commands({ lines }: { lines: readonly string[] }): JSX.Element {
  return (
    <details>
      <summary>{t('command.show')}</summary>
      <div class="stack">
        {lines.map((line) => (
          <Command key={line} line={line} />
        ))}
      </div>
    </details>
  );
}

export function Command({ line }: { line: string }): JSX.Element {
  const copied = useSignal(false);
  return (
    <div class="command">
      <code dir="ltr">{visible(line)}</code>
      <button
        type="button"
        class="button plain"
        onClick={async () => {
          await copy(line);
          copied.value = true;
          setTimeout(() => {
            copied.value = false;
          }, 2000);
        }}
      >
        {t(copied.value ? 'action.copied' : 'action.copy')}
      </button>
    </div>
  );
}

/** Over plain HTTP browsers have no clipboard for pages. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
