// A session that nobody hosts: with an empty canvas, or from a template. What was typed stays when the sheet is closed.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Commands, Field, TextField, toast, useAction } from '../parts.js';
import { sessionPath } from '../paths.js';
import { go } from '../router.js';
import { SheetButton } from '../sheet.js';
import { t } from '../texts/texts.js';

type Template = OutputOf<'session.list'>[number];

export function NewSession({ templates }: { templates: readonly Template[] }): JSX.Element {
  const template = useSignal('');
  const title = useSignal('');
  const alias = useSignal('');
  const password = useSignal('');
  const width = useSignal(1920);
  const height = useSignal(1080);
  const nsfm = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const isBlank = template.value === '';
  const create = async (close: () => void) => {
    const made = await call('session.create', {
      ...(isBlank ? { widthPixels: width.value, heightPixels: height.value } : { template: template.value }),
      ...(isBlank && alias.value.trim() !== '' && { alias: alias.value.trim() }),
      ...(title.value.trim() !== '' && { title: title.value.trim() }),
      ...(password.value !== '' && { password: password.value }),
      ...(nsfm.value && { nsfm: true }),
    });
    toast(t('new.created'));
    close();
    go(sessionPath(made.id));
  };
  return (
    <SheetButton label={t('new.button')}>
      {(close) => (
        <>
          <p class="soft">{t('new.text')}</p>
          <form
            class="form"
            onSubmit={(event) => {
              event.preventDefault();
              void run(() => create(close));
            }}
          >
            <TextField label={t('session.titleField')} text={title} maxLength={100} />
            {templates.length > 0 && (
              <Field label={t('new.from')}>
                {(id) => (
                  <select
                    id={id}
                    value={template.value}
                    onInput={(event) => {
                      template.value = event.currentTarget.value;
                    }}
                  >
                    <option value="">{t('new.blank')}</option>
                    {templates.map((each) => (
                      <option key={each.alias} value={each.alias}>
                        {each.title.trim() || each.alias}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            )}
            {isBlank && (
              <>
                <div class="sizes">
                  <Side label={t('new.width')} value={width} />
                  <Side label={t('new.height')} value={height} />
                </div>
                <TextField label={t('new.alias')} help={t('new.aliasHelp')} text={alias} maxLength={32} />
              </>
            )}
            <TextField label={t('new.password')} text={password} />
            <label class="item">
              <input
                type="checkbox"
                checked={nsfm.value}
                onInput={(event) => {
                  nsfm.value = event.currentTarget.checked;
                }}
              />
              {t('session.nsfmField')}
            </label>
            {problem}
            <div>
              <button type="submit" class="button first" disabled={isRunning}>
                {t('new.create')}
              </button>
            </div>
          </form>
          <Commands
            lines={[
              dp('session create', [], {
                template: template.value,
                title: title.value.trim(),
                size: isBlank ? `${width.value}x${height.value}` : undefined,
                alias: isBlank ? alias.value.trim() : undefined,
                'password-stdin': password.value !== '',
                nsfm: nsfm.value,
              }),
            ]}
          />
        </>
      )}
    </SheetButton>
  );
}

function Side({ label, value }: { label: string; value: { value: number } }): JSX.Element {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={1}
          max={32767}
          required
          value={value.value}
          onInput={(event) => {
            value.value = Number(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}
