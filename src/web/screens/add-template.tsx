// A template from this computer: checked by the server before it is stored, with what is wrong line by line.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, Mistake, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Bdi, Chip, Commands, Field, toast, useAction } from '../parts.js';
import { SheetButton } from '../sheet.js';
import { t, tn } from '../texts/texts.js';

type Checked = OutputOf<'file.add'>;

/** As the server takes it. */
const bytesAtMost = 24 * 1024 * 1024;

export function AddTemplate({ onDone }: { onDone: () => void }): JSX.Element {
  return (
    <SheetButton label={t('files.template')}>
      {(close) => (
        <TemplateForm
          onDone={() => {
            close();
            onDone();
          }}
        />
      )}
    </SheetButton>
  );
}

interface Given {
  readonly name: string;
  readonly content: string;
}

function TemplateForm({ onDone }: { onDone: () => void }): JSX.Element {
  const given = useSignal<Given | undefined>(undefined);
  const checked = useSignal<Checked | undefined>(undefined);
  const replaces = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const take = async (file: File | undefined) => {
    given.value = checked.value = undefined;
    if (file === undefined) return;
    if (file.size > bytesAtMost) throw new Mistake(t('files.tooLarge'));
    const next = { name: file.name, content: await base64(file) };
    checked.value = await call('file.add', { ...next, isDryRun: true });
    given.value = next;
  };
  const add = async () => {
    if (given.value === undefined) return;
    const added = await call('file.add', { ...given.value, replaces: replaces.value });
    toast(t('files.templateAdded', { name: added.title || added.alias }));
    onDone();
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(add);
      }}
    >
      <Field label={t('files.templateFile')} help={t('files.templateHelp')}>
        {(id, helpId) => (
          <input
            id={id}
            aria-describedby={helpId}
            type="file"
            accept=".dptxt,.dprec"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              void run(() => take(file));
            }}
          />
        )}
      </Field>
      <div role="status">{checked.value && <Found template={checked.value} />}</div>
      {problem}
      {given.value && (
        <label class="check">
          <input
            type="checkbox"
            checked={replaces.value}
            onInput={(event) => {
              replaces.value = event.currentTarget.checked;
            }}
          />
          <span>{t('files.replaces')}</span>
        </label>
      )}
      <div>
        <button type="submit" class="button first" disabled={isRunning || given.value === undefined}>
          {t('files.templateAdd')}
        </button>
      </div>
      <Commands lines={[dp('file add', [given.value?.name ?? '…'], { force: replaces.value })]} />
    </form>
  );
}

function Found({ template }: { template: Checked }): JSX.Element {
  const { alias, title, protocol, messages, problems } = template;
  return (
    <div class="stack">
      <p>
        <strong>
          <Bdi>{title.trim() || alias}</Bdi>
        </strong>{' '}
        <span class="soft small">
          {alias}, {protocol}, {tn('files.messages', messages)}
        </span>
      </p>
      {problems.length === 0 ? (
        <div>
          <Chip kind="good">{t('files.valid')}</Chip>
        </div>
      ) : (
        <ul class="scroll small" aria-label={tn('files.problems', problems.length)}>
          {problems.map(({ line, offset, message }, index) => (
            <li key={index}>
              {line !== undefined && <strong>{t('files.line', { n: line })}</strong>}
              {offset !== undefined && <strong>{t('files.offset', { n: offset })}</strong>}{' '}
              <Bdi>{message}</Bdi>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(new Mistake(t('files.unreadable')));
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''));
    reader.readAsDataURL(file);
  });
}
