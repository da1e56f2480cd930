// Bans as a file: exported, and imported after a look at what would change, line by line.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, Mistake, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Bdi, Chip, Commands, Field, Time, toast, useAction } from '../parts.js';
import { SheetButton } from '../sheet.js';
import { t, tn } from '../texts/texts.js';

type Found = OutputOf<'ban.import'>;

const bytesAtMost = 4_000_000;

export function BanExchange({ onDone }: { onDone: () => void }): JSX.Element | null {
  const { run, isRunning, problem } = useAction();
  if (isLacking('ban.import', 'ban.export')) return null;
  return (
    <>
      {problem}
      <SheetButton label={t('bans.import')} title={t('bans.importTitle')}>
        {(close) => (
          <ImportForm
            onDone={() => {
              close();
              onDone();
            }}
          />
        )}
      </SheetButton>
      <button
        type="button"
        class="button"
        disabled={isRunning}
        onClick={() =>
          void run(async () => {
            const { text } = await call('ban.export', {});
            save('bans.csv', text);
          })
        }
      >
        {t('bans.export')}
      </button>
    </>
  );
}

function ImportForm({ onDone }: { onDone: () => void }): JSX.Element {
  const text = useSignal('');
  const fileName = useSignal('bans.csv');
  /** Of the text as it is there. */
  const found = useSignal<Found | undefined>(undefined);
  const { run, isRunning, problem } = useAction();
  const look = async () => {
    found.value = await call('ban.import', { text: text.value, isDryRun: true });
  };
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > bytesAtMost) throw new Mistake(t('bans.tooLarge'));
    fileName.value = file.name;
    text.value = await file.text();
    found.value = undefined;
    await look();
  };
  const changes = (found.value?.added ?? 0) + (found.value?.changed ?? 0);
  const mayImport = found.value !== undefined && found.value.problems.length === 0 && changes > 0;
  const submit = async () => {
    if (!mayImport) return look();
    const done = await call('ban.import', { text: text.value });
    toast(t('bans.imported', { added: done.added, changed: done.changed }));
    return onDone();
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(submit);
      }}
    >
      <Field label={t('bans.file')}>
        {(id) => (
          <input
            id={id}
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              void run(() => take(file));
            }}
          />
        )}
      </Field>
      <Field label={t('bans.lines')} help={t('bans.linesHelp')}>
        {(id, helpId) => (
          <textarea
            id={id}
            aria-describedby={helpId}
            class="mono"
            rows={5}
            dir="ltr"
            spellcheck={false}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              found.value = undefined;
            }}
          />
        )}
      </Field>
      {problem}
      <div role="status">{found.value && <Preview found={found.value} />}</div>
      <div>
        <button
          type="submit"
          class="button first"
          disabled={isRunning || text.value.trim() === '' || (found.value !== undefined && !mayImport)}
        >
          {mayImport ? tn('bans.importNow', changes) : t('bans.preview')}
        </button>
      </div>
      <Commands
        lines={[
          dp('ban import', [fileName.value], { 'dry-run': true }),
          dp('ban import', [fileName.value]),
          dp('ban export', ['bans.csv']),
        ]}
      />
    </form>
  );
}

function Preview({ found: { rows, problems } }: { found: Found }): JSX.Element {
  const shown = rows.filter(({ action }) => action === 'add' || action === 'change');
  const same = rows.filter(({ action }) => action === 'same').length;
  const skipped = rows.filter(({ action }) => action === 'skip').length;
  return (
    <div class="stack">
      {problems.length > 0 && (
        <div class="stack">
          <p class="problem">{tn('bans.wrongLines', problems.length)}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it */}
          <ul class="scroll short small" tabIndex={0} aria-label={tn('bans.wrongLines', problems.length)}>
            {problems.map(({ line, message }) => (
              <li key={line}>
                <strong>{t('files.line', { n: line })}</strong> <Bdi>{message}</Bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it
        <ul class="list scroll short" tabIndex={0} aria-label={t('bans.preview')}>
          {shown.map((row) => (
            <li key={row.line} class="item">
              <span class="grow">
                <strong class="mono">{row.target}</strong>
                <br />
                <span class="soft small">
                  {row.expires === null ? t('bans.never') : <Time at={row.expires} />}
                  {row.comment !== '' && (
                    <>
                      {' · '}
                      <Bdi>{row.comment}</Bdi>
                    </>
                  )}
                  {row.before && (
                    <>
                      <br />
                      {t('bans.before')}{' '}
                      {row.before.expires === null ? t('bans.never') : <Time at={row.before.expires} />}
                      {row.before.comment !== '' && (
                        <>
                          {' · '}
                          <Bdi>{row.before.comment}</Bdi>
                        </>
                      )}
                    </>
                  )}
                </span>
              </span>
              <Chip kind={row.action === 'add' ? 'bad' : 'warn'}>
                {t(row.action === 'add' ? 'bans.willAdd' : 'bans.willChange')}
              </Chip>
            </li>
          ))}
        </ul>
      )}
      <p class="soft small">
        {shown.length === 0 && problems.length === 0 && `${t('bans.nothing')} `}
        {same > 0 && `${tn('bans.same', same)} `}
        {skipped > 0 && tn('bans.skipped', skipped)}
      </p>
    </div>
  );
}

/** Hands a text to the browser as a file. */
function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
