// Certificate files that somebody has: chosen in the browser, or named by their paths on this computer.

import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SetUpAnswers } from '../lib/io/http/set-up-routes.js';
import { Mistake } from './api.js';
import { Choice, Field, TextField, useAction } from './parts.js';
import { t } from './texts/texts.js';

type Way = 'choose' | 'path';
interface Chosen {
  readonly name: string;
  readonly text: string;
}

export interface CertificateInput {
  readonly way: Signal<Way>;
  readonly certificate: Signal<Chosen | undefined>;
  readonly key: Signal<Chosen | undefined>;
  readonly certificatePath: Signal<string>;
  readonly keyPath: Signal<string>;
  answer(): Partial<SetUpAnswers>;
}

const bytesAtMost = 1024 * 1024;

export function useCertificate(): CertificateInput {
  const way = useSignal<Way>('choose');
  const certificate = useSignal<Chosen | undefined>(undefined);
  const key = useSignal<Chosen | undefined>(undefined);
  const certificatePath = useSignal('');
  const keyPath = useSignal('');
  return {
    way,
    certificate,
    key,
    certificatePath,
    keyPath,
    answer() {
      const isChosen = way.value === 'choose';
      const pair = {
        certificate: (isChosen ? certificate.value?.text : certificatePath.value) ?? '',
        key: (isChosen ? key.value?.text : keyPath.value) ?? '',
      };
      if (pair.certificate.trim() === '' || pair.key.trim() === '') return {};
      if (!isChosen) return { certificateFiles: pair };
      const names = { certificateName: certificate.value?.name ?? '', keyName: key.value?.name ?? '' };
      return { certificateTexts: { ...pair, ...names } };
    },
  };
}

export function CertificateFields({ of }: { of: CertificateInput }): JSX.Element {
  const { way, certificate, key, certificatePath, keyPath } = of;
  return (
    <>
      <Choice<Way>
        label={t('setup.tls.files')}
        options={[
          ['choose', t('setup.files.choose')],
          ['path', t('setup.files.path')],
        ]}
        value={way.value}
        onChoose={(chosen) => {
          way.value = chosen;
        }}
      />
      {way.value === 'choose' ? (
        <>
          <PemField
            label={t('setup.files.certificate')}
            help={t('setup.files.chainHelp')}
            chosen={certificate}
          />
          <PemField label={t('setup.files.key')} help={t('setup.files.keyHelp')} chosen={key} />
        </>
      ) : (
        <>
          <TextField
            label={t('setup.files.certificate')}
            help={t('setup.files.pathHelp')}
            text={certificatePath}
            class="mono"
            autocapitalize="none"
            required
          />
          <TextField
            label={t('setup.files.key')}
            text={keyPath}
            class="mono"
            autocapitalize="none"
            required
          />
        </>
      )}
    </>
  );
}

function PemField({
  label,
  help,
  chosen,
}: {
  label: string;
  help: string;
  chosen: Signal<Chosen | undefined>;
}): JSX.Element {
  const { run, problem } = useAction();
  const take = async (file: File | undefined) => {
    chosen.value = undefined;
    if (file === undefined) return;
    if (file.size > bytesAtMost) throw new Mistake(t('setup.files.tooLarge'));
    chosen.value = { name: file.name, text: await file.text() };
  };
  return (
    <>
      <Field label={label} help={help}>
        {(id, helpId) => (
          <input
            id={id}
            aria-describedby={helpId}
            type="file"
            accept=".pem,.crt,.cer,.key"
            required={chosen.value === undefined}
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              void run(() => take(file));
            }}
          />
        )}
      </Field>
      {chosen.value && <p class="soft small">{t('setup.files.chosen', { name: chosen.value.name })}</p>}
      {problem}
    </>
  );
}
