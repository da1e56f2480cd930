// The parts that screens are made of.

import { type Signal, signal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Ability } from '../lib/admin/admin.js';
import { type ApiError, lackText, wordsOf } from './api.js';
import { ago, exact, t } from './texts/texts.js';

export { Command, Commands } from './command-lines.js';
export { toast, undoable } from './toasts.js';

/** The time, to half a minute: for texts such as "3 minutes ago". */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 30_000);

/** The exact moment, once somebody points there. */
export const exactOnHover = (moment: number) => ({
  onPointerEnter: ({ currentTarget: at }: { currentTarget: HTMLElement }) => {
    at.title = exact(moment);
  },
});

export function Time({ at }: { at: number | string }): JSX.Element | null {
  const moment = typeof at === 'number' ? at : Date.parse(at);
  if (!(moment > 0)) return null;
  return (
    <time dateTime={new Date(moment).toISOString()} {...exactOnHover(moment)}>
      {ago(moment, Math.max(now.value, Date.now()))}
    </time>
  );
}

export function Face({ name }: { name: string }): JSX.Element {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return (
    <span class={`face c${sum % 6}`} aria-hidden="true">
      {(/[\p{L}\p{N}]/u.exec(name)?.[0] ?? [...name.trim()][0] ?? '?').toUpperCase()}
    </span>
  );
}

/** The icon, drawn within the page: as a file it is a document that a phone sets up for it alone. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" fill="#f4b860" />
      <path
        d="M13 44c9-1 10-22 19-22s4 15 11 15 6-9 9-12"
        fill="none"
        stroke="#2b2350"
        stroke-width="7"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      <circle cx="46" cy="16" r="5" fill="#d9483b" />
    </svg>
  );
}

export function Chip({ kind = '', children }: { kind?: string; children: ComponentChildren }): JSX.Element {
  return <span class={`chip ${kind}`}>{children}</span>;
}

/** Texts of other people keep their direction to themselves. */
export function Bdi({ children }: { children: string }): JSX.Element {
  return <bdi>{children}</bdi>;
}

export function Problem({ error }: { error: unknown }): JSX.Element | null {
  return error === undefined ? null : (
    <p class="problem" role="alert">
      {wordsOf(error)}
    </p>
  );
}

/** Why something is greyed or missing here; nothing where the server can do it. */
export function Lacking({ of }: { of: readonly Ability[] }): JSX.Element | null {
  const text = lackText(...of);
  return text === undefined ? null : <p class="soft small lacking">{text}</p>;
}

export function Loading({
  of: { error },
  retry,
  title,
}: {
  of: { error: ApiError | undefined };
  retry?: () => void;
  /** Of the screen, where nothing else of it is there yet. */
  title?: string;
}): JSX.Element {
  return (
    <div class="stack">
      {title !== undefined && (
        <h1>
          <Bdi>{title}</Bdi>
        </h1>
      )}
      {error === undefined ? (
        <p class="soft">{t('loading')}</p>
      ) : error.code === 'lacking' ? (
        <p class="soft lacking">{error.message}</p>
      ) : (
        <>
          <Problem error={error} />
          {retry && (
            <button type="button" class="button" onClick={retry}>
              {t('action.retry')}
            </button>
          )}
        </>
      )}
    </div>
  );
}

export function Empty({
  title,
  isPage = false,
  children,
}: {
  title: string;
  /** There is nothing else on the screen. */
  isPage?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div class="card empty">
      <svg
        viewBox="0 0 120 80"
        fill="none"
        stroke="currentColor"
        stroke-width="9"
        stroke-linecap="round"
        aria-hidden="true"
      >
        <path d="M14 60c18-2 20-44 38-44s8 32 22 32 14-14 32-22" />
      </svg>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

/** What happens at a press, once at a time, with its problem beside it. */
export function useAction(): {
  run(action: () => Promise<unknown>): Promise<boolean>;
  isRunning: boolean;
  problem: JSX.Element | null;
} {
  const running = useSignal(false);
  const error = useSignal<unknown>(undefined);
  return {
    async run(action) {
      if (running.value) return false;
      running.value = true;
      error.value = undefined;
      try {
        await action();
        return true;
      } catch (problem) {
        error.value = problem;
        return false;
      } finally {
        running.value = false;
      }
    },
    isRunning: running.value,
    problem: <Problem error={error.value} />,
  };
}

export function Cross(): JSX.Element {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      stroke="currentColor"
      stroke-width="2.5"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M4 4l12 12M16 4L4 16" />
    </svg>
  );
}

export function Field({
  label,
  help,
  children,
}: {
  label: string;
  help?: string;
  children: (id: string, helpId: string | undefined) => ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, help === undefined ? undefined : `${id}-help`)}
      {help !== undefined && (
        <p class="soft small" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** A line of text; what is typed is in `text` at once. */
export function TextField({
  label,
  help,
  text,
  onType,
  isSecret = false,
  ...attributes
}: {
  label: string;
  help?: string;
  text: Signal<string>;
  onType?: (text: string) => void;
  name?: string;
  autocomplete?: 'username' | 'new-password' | 'email' | 'off';
  autocapitalize?: 'none';
  required?: boolean;
  disabled?: boolean;
  isSecret?: boolean;
  inputMode?: 'numeric';
  maxLength?: number;
  class?: string;
}): JSX.Element {
  return (
    <Field label={label} {...(help !== undefined && { help })}>
      {(id, helpId) => (
        <input
          {...attributes}
          {...(isSecret && { type: 'password' as const })}
          id={id}
          aria-describedby={helpId}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            onType?.(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}

export function Search({
  label,
  value,
  onInput,
}: {
  label: string;
  value: string;
  onInput: (text: string) => void;
}): JSX.Element {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

export function Choice<Value extends string>({
  label,
  options,
  value,
  onChoose,
}: {
  label: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChoose: (value: Value) => void;
}): JSX.Element {
  return (
    <fieldset class="choice" aria-label={label}>
      <div class="row">
        {options.map(([key, text]) => (
          <button
            type="button"
            class="button"
            key={key}
            aria-pressed={key === value}
            onClick={() => onChoose(key)}
          >
            {text}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** Whether a text has all these words in it, in any order and case. */
export function hasWords(text: string, words: string): boolean {
  if (words === '') return true;
  const searched = text.toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}
