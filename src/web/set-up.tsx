// The first start: from nothing to a server that runs and a link for friends, in five short steps. What is decided and
// written is that of `dp init`.

import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SetUpAnswers, SetUpResult, SetUpState } from '../lib/io/http/set-up-routes.js';
import { type ApiError, ask, lookWhoIAm } from './api.js';
import { CertificateFields, useCertificate } from './certificate-fields.js';
import { Friends } from './friends.js';
import { Command, Loading, Mark, TextField, useAction } from './parts.js';
import { t } from './texts/texts.js';

const presets = ['private', 'community', 'public'] as const;
const encryptions = ['self-signed', 'acme', 'files', 'none'] as const;

export function SetUpPage(): JSX.Element {
  const state = useSignal<SetUpState | undefined>(undefined);
  const error = useSignal<ApiError | undefined>(undefined);
  const load = () => {
    ask('set-up').then(
      (answer) => {
        state.value = answer as SetUpState;
      },
      (problem: ApiError) => {
        error.value = problem;
      },
    );
  };
  useEffect(load, []);
  return (
    <main class="welcome" id="content">
      <div class="card wide">
        {state.value === undefined ? (
          <Loading of={{ error: error.value }} retry={load} />
        ) : (
          <Wizard state={state.value} />
        )}
      </div>
    </main>
  );
}

function Wizard({ state }: { state: SetUpState }): JSX.Element | null {
  const at = useSignal(0);
  const preset = useSignal<(typeof presets)[number]>('private');
  const name = useSignal('');
  const welcome = useSignal('');
  const host = useSignal('');
  const port = useSignal(String(state.port));
  const tls = useSignal<(typeof encryptions)[number]>('self-signed');
  const certificate = useCertificate();
  const email = useSignal('');
  const terms = useSignal(false);
  const account = useSignal('');
  const password = useSignal('');
  const drawpile = useSignal(false);
  const lines = useSignal<readonly string[]>([]);
  const result = useSignal<SetUpResult | undefined>(undefined);
  const { run, isRunning, problem } = useAction();
  const answers = (): SetUpAnswers => ({
    preset: preset.value,
    name: name.value.trim(),
    welcome: welcome.value.trim(),
    port: Number(port.value),
    localHost: host.value.trim(),
    tls: tls.value,
    ...(tls.value === 'files' && certificate.answer()),
    ...(tls.value === 'acme' && { email: email.value.trim(), acceptsTerms: terms.value }),
    hasDrawpileAccounts: drawpile.value,
    ...(account.value.trim() !== '' && {
      account: { name: account.value.trim(), password: password.value },
    }),
  });
  const steps: readonly { title: string; fields: () => ComponentChildren }[] = [
    {
      title: t('setup.who'),
      fields: () => (
        <>
          <p class="soft">{t('setup.whoText')}</p>
          <Options
            label={t('setup.who')}
            value={preset}
            options={presets.map((each) => [each, t(`setup.for.${each}`), t(`setup.for.${each}Text`)])}
          />
        </>
      ),
    },
    {
      title: t('setup.name'),
      fields: () => (
        <>
          <TextField label={t('setup.nameField')} help={t('setup.nameHelp')} text={name} />
          <TextField label={t('setup.welcome')} help={t('setup.welcomeHelp')} text={welcome} />
        </>
      ),
    },
    {
      title: t('setup.reach'),
      fields: () => (
        <>
          <TextField
            label={t('setup.host')}
            help={t('setup.hostHelp')}
            text={host}
            autocomplete="off"
            autocapitalize="none"
          />
          <TextField
            label={t('setup.port')}
            help={t('setup.portHelp')}
            text={port}
            inputMode="numeric"
            required
          />
          <span class="label">{t('setup.tls')}</span>
          <Options
            label={t('setup.tls')}
            value={tls}
            options={encryptions.map((each) => [each, t(`setup.tls.${each}`)])}
          />
          {tls.value === 'files' && <CertificateFields of={certificate} />}
          {tls.value === 'acme' && (
            <>
              <TextField label={t('setup.email')} text={email} autocomplete="email" />
              <Check label={t('setup.terms')} value={terms} />
            </>
          )}
        </>
      ),
    },
    {
      title: t('setup.account'),
      fields: () => (
        <>
          <p class="soft">{t('setup.accountText')}</p>
          <TextField
            label={t('setup.accountName')}
            text={account}
            autocomplete="username"
            autocapitalize="none"
          />
          {account.value.trim() !== '' && (
            <TextField
              label={t('setup.accountPassword')}
              text={password}
              isSecret
              autocomplete="new-password"
              required
            />
          )}
          <Check label={t('setup.drawpile')} value={drawpile} />
        </>
      ),
    },
    {
      title: t('setup.review'),
      fields: () => (
        <>
          <p>{t('setup.reviewText', { folder: state.folder })}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it */}
          <ul class="plan" dir="ltr" tabIndex={0} aria-label={t('setup.review')}>
            {lines.value.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      ),
    },
  ];
  const isLast = at.value === steps.length - 1;
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [at.value, result.value]);
  if (result.value) return <Done result={result.value} />;
  const step = steps[at.value];
  if (step === undefined) return null;
  const { title, fields } = step;
  const next = async () => {
    if (isLast) {
      result.value = (await ask('set-up/finish', answers())) as SetUpResult;
      return;
    }
    // what is not possible is said at the step that asks for it, and nothing is written
    const answer = (await ask('set-up/preview', answers())) as { lines: readonly string[] };
    lines.value = answer.lines;
    at.value++;
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(next);
      }}
    >
      <div class="row apart">
        <Mark />
        <span class="soft small">{t('setup.step', { n: at.value + 1, most: steps.length })}</span>
      </div>
      {at.value === 0 && <p class="soft">{t('setup.title')}</p>}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {fields()}
      {problem}
      <div class="row apart">
        {at.value > 0 ? (
          <button
            type="button"
            class="button"
            disabled={isRunning}
            onClick={() => {
              at.value--;
            }}
          >
            {t('setup.back')}
          </button>
        ) : (
          <span />
        )}
        <button type="submit" class="button first" disabled={isRunning}>
          {t(isLast ? (isRunning ? 'setup.starting' : 'setup.start') : 'setup.next')}
        </button>
      </div>
    </form>
  );
}

function Options<Value extends string>({
  label,
  options,
  value,
}: {
  label: string;
  options: readonly (readonly [Value, string, string?])[];
  value: Signal<Value>;
}): JSX.Element {
  return (
    <fieldset class="options" aria-label={label}>
      {options.map(([key, text, more]) => (
        <label class="option" key={key}>
          <input
            type="radio"
            name={label}
            checked={value.value === key}
            onInput={() => {
              value.value = key;
            }}
          />
          <strong>{text}</strong>
          {more !== undefined && <span class="soft small">{more}</span>}
        </label>
      ))}
    </fieldset>
  );
}

function Check({ label, value }: { label: string; value: Signal<boolean> }): JSX.Element {
  return (
    <label class="option">
      <input
        type="checkbox"
        checked={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.checked;
        }}
      />
      <span>{label}</span>
    </label>
  );
}

function Done({ result }: { result: SetUpResult }): JSX.Element {
  const [link = '', ...others] = result.links;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="stack">
      <h1 ref={heading} tabIndex={-1}>
        {t('setup.done')}
      </h1>
      <p>{t('setup.doneText')}</p>
      <Friends link={link} />
      <p class="soft small">
        {result.isLocalOnly ? t('setup.local') : t('setup.outside', { port: String(result.port) })}
      </p>
      {others.length > 0 && (
        <div class="stack">
          <p class="soft small">{t('setup.others')}</p>
          {others.map((each) => (
            <Command key={each} line={each} />
          ))}
        </div>
      )}
      <div>
        <button type="button" class="button first" onClick={() => void lookWhoIAm()}>
          {t('setup.open')}
        </button>
      </div>
    </div>
  );
}
