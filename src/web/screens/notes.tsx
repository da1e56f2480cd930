// Notes about somebody, which moderators share.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Commands,
  Field,
  Lacking,
  Problem,
  TextField,
  Time,
  undoable,
  useAction,
} from '../parts.js';
import { isolated, t } from '../texts/texts.js';

type Note = OutputOf<'note.list'>[number];
export type NoteTarget = Pick<Note, 'kind' | 'target'>;

const drafts = new Map<string, string>();

/** `about`: what is known of somebody; a new note is about the first, unless another is chosen. */
export function Notes({ about }: { about: readonly NoteTarget[] }): JSX.Element {
  const isKnown = !isLacking('note.list');
  const notes = useLive('note.list', isKnown ? {} : undefined, ['note']);
  const keys = about.map(keyOf);
  const key = keys[0] ?? '';
  const draft = useSignal(drafts.get(key) ?? '');
  const chosen = useSignal(key);
  const { run, isRunning, problem } = useAction();
  const target = about.find((each) => keyOf(each) === chosen.value) ?? about[0];
  const found = notes.data?.filter((each) => keys.includes(keyOf(each))) ?? [];
  return (
    <section class="card stack" aria-label={t('notes.title')}>
      <h2>{t('notes.title')}</h2>
      <Lacking of={['note.list']} />
      {notes.error && isKnown && <Problem error={notes.error} />}
      {notes.data && found.length === 0 && <p class="soft">{t('notes.empty')}</p>}
      {found.length > 0 && (
        <ul class="list">
          {found.map((note) => (
            <li key={note.id} class="item">
              <span class="grow">
                <span dir="auto" class="text">
                  {note.text}
                </span>
                <span class="soft small block">
                  <Chip>{t(`notes.kind.${note.kind}`)}</Chip> <Bdi>{note.target}</Bdi> · <Bdi>{note.by}</Bdi>{' '}
                  · <Time at={note.when} />
                </span>
              </span>
              <button
                type="button"
                class="button"
                disabled={isRunning}
                aria-label={`${t('notes.delete')}: ${note.text}`}
                onClick={() => void run(() => remove(note))}
              >
                {t('notes.delete')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {isKnown && target && (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            const text = draft.value.trim();
            if (text === '') return;
            void run(() => call('note.add', { ...target, text })).then((isDone) => {
              if (!isDone) return;
              draft.value = '';
              drafts.delete(key);
            });
          }}
        >
          {about.length > 1 && (
            <Field label={t('notes.about')}>
              {(id) => (
                <select
                  id={id}
                  value={keyOf(target)}
                  onInput={(event) => {
                    chosen.value = event.currentTarget.value;
                  }}
                >
                  {about.map((each) => (
                    <option key={keyOf(each)} value={keyOf(each)}>
                      {labelOf(each)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
          <TextField
            label={t('notes.new')}
            text={draft}
            maxLength={2000}
            onType={(text) => void drafts.set(key, text)}
          />
          {problem}
          <div>
            <button type="submit" class="button" disabled={isRunning || draft.value.trim() === ''}>
              {t('notes.add')}
            </button>
          </div>
          <Commands lines={[dp('note add', [target.kind, target.target, draft.value.trim() || '…'])]} />
        </form>
      )}
    </section>
  );
}

const keyOf = ({ kind, target }: NoteTarget) => `${kind} ${target.toLowerCase()}`;

function labelOf({ kind, target }: NoteTarget): string {
  return `${t(`notes.kind.${kind}`)}: ${isolated(target.length > 24 ? `${target.slice(0, 24)}…` : target)}`;
}

async function remove({ kind, target, text, id: first }: Note): Promise<void> {
  let id = first;
  await undoable(
    () => t('notes.deleted'),
    () => t('notes.restored'),
    async () => {
      await call('note.delete', { id });
      return async () => {
        ({ id } = await call('note.add', { kind, target, text }));
      };
    },
  );
}
