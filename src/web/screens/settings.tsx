// Settings: each with its text, its default and where its value comes from. Changes are looked at together, and saved
// together; what was typed stays until then.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type ApiError, call, isLacking, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import { Bdi, Chip, Command, Commands, hasWords, Loading, Search, toast, useAction } from '../parts.js';
import { filter, setFilter } from '../router.js';
import { Sheet } from '../sheet.js';
import { t, tn, visible } from '../texts/texts.js';

type Setting = OutputOf<'config.list'>[number];
type Contradiction = OutputOf<'config.contradictions'>[number];
/** What was typed, and what it replaces; undefined text: back to the default. */
interface Typed {
  readonly text: string | undefined;
  readonly instead: string;
}

const isAnswered = ({ data, error }: { readonly data?: unknown; readonly error?: unknown }): boolean =>
  data !== undefined || error !== undefined;

export function SettingsPlace(): JSX.Element {
  const settings = useLive('config.list', {}, ['setting']);
  const checked = useLive('config.check', isLacking('config.check') ? undefined : {}, ['setting', 'account']);
  const contradictions = useLive(
    'config.contradictions',
    isLacking('config.contradictions') ? undefined : {},
    ['setting', 'account'],
  );
  const typed = useSignal<ReadonlyMap<string, Typed>>(new Map());
  const isReviewing = useSignal(false);
  // what stands above the settings comes with them, so that they do not move
  const isComplete =
    (isLacking('config.check') || isAnswered(checked)) &&
    (isLacking('config.contradictions') || isAnswered(contradictions));
  if (!settings.data || !isComplete)
    return <Loading title={t('settings.title')} of={settings} retry={settings.refresh} />;
  const words = filter('search');
  const onlyChanged = filter('changed') === 'yes';
  // what is about a setting stands beside it
  const notes = (checked.data ?? []).filter(
    ({ message }) =>
      !settings.data?.some(({ name }) => message.startsWith(`${name}:`) || message.startsWith(`${name} `)),
  );
  const found = contradictions.data ?? [];
  // what is about no setting is about how the server was started
  const others = found.filter((each) => each.settings.length === 0);
  const shown = settings.data.filter(
    ({ name, help, origin }) => hasWords(`${name} ${help}`, words) && (!onlyChanged || origin !== 'default'),
  );
  const type = (setting: Setting, text: string | undefined) => {
    const next = new Map(typed.value);
    const isSame =
      text === undefined ? setting.origin === 'default' : text === setting.text && !setting.isSecret;
    if (isSame || (setting.isSecret && text === '')) next.delete(setting.name);
    else next.set(setting.name, { text, instead: typed.value.get(setting.name)?.instead ?? setting.text });
    typed.value = next;
  };
  return (
    <>
      <h1>{t('settings.title')}</h1>
      <Search label={t('settings.search')} value={words} onInput={(text) => setFilter('search', text)} />
      <label class="row">
        <input
          type="checkbox"
          checked={onlyChanged}
          onInput={(event) => setFilter('changed', event.currentTarget.checked ? 'yes' : '')}
        />
        {t('settings.changedOnly')}
      </label>
      {notes.length + others.length > 0 && (
        <section class="card stack" aria-label={t('settings.notes')}>
          <h2>{t('settings.notes')}</h2>
          <ul class="list">
            {others.map((each) => (
              <li key={each.code}>
                <ContradictionNote found={each} />
              </li>
            ))}
            {notes.map(({ message, hint }) => (
              <li key={message}>
                <p dir="auto">{visible(message)}</p>
                {hint !== undefined && <p class="soft small">{visible(hint)}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {shown.length === 0 ? (
        <>
          <p class="soft">{t('settings.none', { text: words })}</p>
          <Suggestion name={words.trim()} />
        </>
      ) : (
        <ul class="list card">
          {shown.map((setting) => (
            <li key={setting.name}>
              <SettingRow
                setting={setting}
                typed={typed.value.get(setting.name)}
                notes={found.filter((each) => each.settings.includes(setting.name))}
                onType={(text) => type(setting, text)}
              />
            </li>
          ))}
        </ul>
      )}
      {typed.value.size > 0 && (
        <div class="card row apart savebar">
          <strong>{tn('settings.changes', typed.value.size)}</strong>
          <div class="row">
            <button
              type="button"
              class="button"
              onClick={() => {
                typed.value = new Map();
              }}
            >
              {t('settings.discard')}
            </button>
            <button
              type="button"
              class="button first"
              onClick={() => {
                isReviewing.value = true;
              }}
            >
              {t('settings.review')}
            </button>
          </div>
        </div>
      )}
      {isReviewing.value && (
        <Review
          settings={settings.data}
          typed={typed.value}
          onClose={() => {
            isReviewing.value = false;
          }}
          onSaved={() => {
            typed.value = new Map();
            isReviewing.value = false;
            settings.refresh();
            toast(t('settings.saved'));
          }}
        />
      )}
    </>
  );
}

/** The setting that was meant by a name that there is not: the server knows. */
function Suggestion({ name }: { name: string }): JSX.Element | null {
  const hint = useSignal('');
  useEffect(() => {
    hint.value = '';
    if (!/^[\w-]{3,}$/.test(name)) return;
    let isOver = false;
    call('config.get', { name }).catch((error: ApiError) => {
      if (!isOver) hint.value = error.hint;
    });
    return () => {
      isOver = true;
    };
  }, [name]);
  if (hint.value === '') return null;
  const meant = /'(\w+)'/.exec(hint.value)?.[1];
  return (
    <p role="status">
      {t('settings.meant', { hint: hint.value })}{' '}
      {meant !== undefined && (
        <button type="button" class="button" onClick={() => setFilter('search', meant)}>
          {meant}
        </button>
      )}
    </p>
  );
}

/** What works against a setting, and what puts it right: a command, often with another one in brackets. */
function ContradictionNote({ found: { level, text, fix } }: { found: Contradiction }): JSX.Element {
  const [, first = fix, other] = /^(.*?)\s+\((.*)\)$/.exec(fix) ?? [];
  return (
    <div class={`contradiction stack ${level === 'problem' ? 'bad' : ''}`}>
      <p class="small">
        <Chip kind={level === 'problem' ? 'bad' : 'warn'}>
          {t(level === 'problem' ? 'settings.problem' : 'settings.note')}
        </Chip>{' '}
        {text}
      </p>
      {/^dp /.test(first) ? <Command line={first} /> : <p class="small">{first}</p>}
      {other !== undefined && <p class="soft small">{other}</p>}
    </div>
  );
}

function shownText({ kind, isSecret }: Setting, text: string): string {
  if (isSecret) return '•••';
  if (kind === 'flag') return t(text === 'true' ? 'settings.on' : 'settings.off');
  return text === '' ? t('settings.emptyText') : text;
}

function SettingRow({
  setting,
  typed,
  notes,
  onType,
}: {
  setting: Setting;
  /** What contradicts it. */
  notes: readonly Contradiction[];
  typed: Typed | undefined;
  onType: (text: string | undefined) => void;
}): JSX.Element {
  const { name, help, kind, origin, isSecret } = setting;
  const value = typed === undefined ? setting.text : (typed.text ?? setting.default);
  const isFixed = origin === 'environment' || origin === 'flag';
  const id = `setting-${name}`;
  const about = { id, 'aria-describedby': `${id}-help`, disabled: isFixed };
  return (
    <div class="setting">
      <div>
        <label for={id}>{name}</label>
        <p class="small" id={`${id}-help`}>
          {help}
        </p>
        <div class="row">
          <Chip kind={origin === 'default' ? '' : 'mark'}>{t(`settings.from.${origin}`)}</Chip>
          {origin !== 'default' && !isSecret && (
            <span class="soft small">
              {t('settings.default', { text: shownText(setting, setting.default) })}
            </span>
          )}
          {setting.lacks !== undefined && (
            <span class="soft small">{t('settings.lacks', { option: setting.lacks })}</span>
          )}
        </div>
        {notes.map((each) => (
          <ContradictionNote key={each.code} found={each} />
        ))}
        {setting.problem !== undefined && <p class="problem small">{visible(setting.problem)}</p>}
        {typed !== undefined && typed.instead !== setting.text && (
          <p class="banner small" role="status">
            {t('settings.elsewhere', { text: shownText(setting, setting.text) })}
          </p>
        )}
      </div>
      <div class="row">
        {kind === 'flag' ? (
          <input
            type="checkbox"
            {...about}
            checked={value === 'true'}
            onInput={(event) => onType(String(event.currentTarget.checked))}
          />
        ) : name === 'welcomeMessage' || name === 'ruleText' ? (
          <textarea
            {...about}
            dir="auto"
            rows={3}
            value={value}
            onInput={(event) => onType(event.currentTarget.value)}
          />
        ) : (
          <input
            {...about}
            class="grow"
            dir="auto"
            {...(isSecret ? { type: 'password' as const } : { type: 'text' as const })}
            autocomplete="off"
            value={isSecret ? (typed?.text ?? '') : value}
            placeholder={isSecret ? t('settings.hidden') : t('settings.emptyText')}
            onInput={(event) => onType(event.currentTarget.value)}
          />
        )}
        {origin !== 'default' && !isFixed && (typed?.text !== undefined) === false && (
          <button
            type="button"
            class="button"
            aria-pressed={typed !== undefined}
            aria-label={`${t('settings.reset')}: ${name}`}
            onClick={() => onType(typed === undefined ? undefined : setting.text)}
          >
            {t('settings.reset')}
          </button>
        )}
      </div>
    </div>
  );
}

function Review({
  settings,
  typed,
  onClose,
  onSaved,
}: {
  settings: readonly Setting[];
  typed: ReadonlyMap<string, Typed>;
  onClose: () => void;
  onSaved: () => void;
}): JSX.Element {
  const { run, isRunning, problem } = useAction();
  const set = Object.fromEntries(
    [...typed].flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text]])),
  );
  const unset = [...typed].flatMap(([name, { text }]) => (text === undefined ? [name] : []));
  const changed = settings.filter(({ name }) => typed.has(name));
  return (
    <Sheet title={t('settings.preview')} onClose={onClose}>
      <ul class="list">
        {changed.map((setting) => (
          <li key={setting.name}>
            <p class="small">
              <strong>{setting.name}</strong>
            </p>
            <p dir="auto">
              <span class="soft">
                <Bdi>{shownText(setting, setting.text)}</Bdi>
              </span>{' '}
              →{' '}
              <strong>
                <Bdi>{shownText(setting, typed.get(setting.name)?.text ?? setting.default)}</Bdi>
              </strong>
            </p>
          </li>
        ))}
      </ul>
      {problem}
      <div class="row">
        <button
          type="button"
          class="button first"
          disabled={isRunning}
          onClick={() =>
            void run(() =>
              call('config.change', {
                ...(Object.keys(set).length > 0 && { set }),
                ...(unset.length > 0 && { unset }),
              }),
            ).then((isDone) => isDone && onSaved())
          }
        >
          {t('action.save')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t('action.cancel')}
        </button>
      </div>
      <Commands
        lines={[
          ...(Object.keys(set).length > 0
            ? [
                dp(
                  'config set',
                  changed.flatMap(({ name, isSecret }) =>
                    set[name] === undefined ? [] : [`${name}=${isSecret ? '…' : set[name]}`],
                  ),
                ),
              ]
            : []),
          ...(unset.length > 0 ? [dp('config unset', unset)] : []),
        ]}
      />
    </Sheet>
  );
}
