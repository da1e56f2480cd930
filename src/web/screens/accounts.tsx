// Accounts of this server, and who comes into the app without one: tokens of programs, and logins.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AccountFlag } from '../../lib/core/settings/account-flags.js';
import { call, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Choice,
  Commands,
  Empty,
  Face,
  hasWords,
  Loading,
  Search,
  TextField,
  toast,
  useAction,
} from '../parts.js';
import { filter, setFilter } from '../router.js';
import { Sheet } from '../sheet.js';
import { compared, t, tn } from '../texts/texts.js';
import { VirtualList } from '../virtual-list.js';
import { Logins } from './me.js';
import { ResetLink } from './reset-link.js';
import { Tokens } from './tokens.js';

type Account = OutputOf<'user.list'>[number];

/** TABLE of the flags: their options of `dp user add` and `dp user set`. */
const flagOptions: Readonly<Record<AccountFlag, string>> = {
  MOD: 'mod',
  ADMIN: 'admin',
  HOST: 'host',
  TRUSTED: 'trusted',
  PERSIST: 'persist',
  GHOST: 'ghost',
  BANEXEMPT: 'ban-exempt',
  WEB: 'web',
  WEBHOST: 'web-host',
  WEBSESSION: 'web-session',
};
const flagNames = Object.keys(flagOptions) as AccountFlag[];

export function AccountsPlace({ me }: { me: Me }): JSX.Element {
  const shown = filter('show') || 'accounts';
  return (
    <>
      <h1>{t('accounts.title')}</h1>
      <Choice
        label={t('accounts.title')}
        options={[
          ['accounts', t('accounts.title')],
          ['tokens', t('tokens.title')],
          ['logins', t('accounts.logins')],
        ]}
        value={shown}
        onChoose={(chosen) => setFilter('show', chosen === 'accounts' ? '' : chosen)}
      />
      {shown === 'tokens' ? <Tokens /> : shown === 'logins' ? <Logins me={me} /> : <Accounts me={me} />}
    </>
  );
}

function Accounts({ me }: { me: Me }): JSX.Element {
  const accounts = useLive('user.list', {}, ['account']);
  const editing = useSignal<number | 'new' | undefined>(undefined);
  if (!accounts.data) return <Loading of={accounts} retry={accounts.refresh} />;
  const words = filter('search');
  const found = accounts.data
    .filter(({ name, flags }) => hasWords(`${name} ${flags.join(' ')}`, words))
    .sort((a, b) => compared(a.name, b.name));
  const account = accounts.data.find(({ id }) => id === editing.value);
  const close = () => {
    editing.value = undefined;
  };
  const done = (text: string) => {
    toast(text);
    close();
    accounts.refresh();
  };
  return (
    <>
      <div class="row apart">
        <span class="soft">{tn('accounts.count', accounts.data.length)}</span>
        <button
          type="button"
          class="button first"
          onClick={() => {
            editing.value = 'new';
          }}
        >
          {t('accounts.new')}
        </button>
      </div>
      {accounts.data.length === 0 ? (
        <Empty title={t('accounts.empty')}>
          <p class="soft">{t('accounts.emptyText')}</p>
        </Empty>
      ) : (
        <>
          <Search label={t('accounts.search')} value={words} onInput={(text) => setFilter('search', text)} />
          {found.length === 0 && <p class="soft">{t('accounts.none', { text: words })}</p>}
          <VirtualList
            items={found}
            keyOf={({ id }) => id}
            label={t('accounts.title')}
            render={(each) => (
              <button
                type="button"
                class="item"
                onClick={() => {
                  editing.value = each.id;
                }}
              >
                <Face name={each.name} />
                <span class="grow line">
                  <Bdi>{each.name}</Bdi>
                </span>
                {each.isLocked && <Chip kind="bad">{t('accounts.locked')}</Chip>}
                {each.flags.slice(0, 2).map((flag) => (
                  <Chip key={flag} kind={flag === 'MOD' || flag === 'ADMIN' ? 'mark' : ''}>
                    {flag}
                  </Chip>
                ))}
                {each.flags.length > 2 && <Chip>+{each.flags.length - 2}</Chip>}
              </button>
            )}
          />
        </>
      )}
      <Commands lines={[dp('user list', [])]} />
      {editing.value === 'new' && (
        <Sheet title={t('accounts.new')} onClose={close}>
          <AccountForm onDone={({ name }) => done(t('accounts.added', { name }))} />
        </Sheet>
      )}
      {account && (
        <Sheet title={<Bdi>{account.name}</Bdi>} onClose={close}>
          <AccountForm key={account.id} existing={account} onDone={() => done(t('accounts.changed'))} />
          <ResetLink key={`reset ${account.id}`} account={account} me={me} />
          <Remove account={account} onDone={() => done(t('accounts.removed', { name: account.name }))} />
        </Sheet>
      )}
    </>
  );
}

function AccountForm({
  existing: newest,
  onDone,
}: {
  existing?: Account;
  onDone: (account: Account) => void;
}): JSX.Element {
  // as it was when it was opened: what somebody else changes meanwhile is not changed back
  const [existing] = useState(newest);
  const name = useSignal(existing?.name ?? '');
  const password = useSignal('');
  const flags = useSignal<readonly string[]>(existing?.flags ?? []);
  const isLocked = useSignal(existing?.isLocked ?? false);
  const { run, isRunning, problem } = useAction();
  const before = existing?.flags ?? [];
  const added = flags.value.filter((flag) => !before.includes(flag));
  const removed = before.filter((flag) => !flags.value.includes(flag));
  const submit = async () => {
    if (!existing) {
      const { value } = password;
      onDone(
        await call('user.add', {
          name: name.value.trim(),
          password: value,
          flags: flags.value,
          isLocked: isLocked.value,
        }),
      );
      return;
    }
    onDone(
      await call('user.change', {
        key: { id: existing.id },
        ...(name.value.trim() !== existing.name && { name: name.value.trim() }),
        ...(password.value !== '' && { password: password.value }),
        ...(added.length > 0 && { addFlags: added }),
        ...(removed.length > 0 && { removeFlags: removed }),
        ...(isLocked.value !== existing.isLocked && { isLocked: isLocked.value }),
      }),
    );
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(submit);
      }}
    >
      <TextField label={t('login.name')} text={name} required autocomplete="off" autocapitalize="none" />
      <TextField
        label={t(existing ? 'accounts.newPassword' : 'login.password')}
        {...(existing && { help: t('accounts.newPasswordHelp') })}
        text={password}
        isSecret
        autocomplete="new-password"
        required={!existing}
      />
      <fieldset class="stack" aria-label={t('accounts.may')}>
        <span class="label">{t('accounts.may')}</span>
        {flagNames.map((flag) => (
          <label class="check" key={flag}>
            <input
              type="checkbox"
              checked={flags.value.includes(flag)}
              onInput={(event) => {
                const others = flags.value.filter((each) => each !== flag);
                flags.value = event.currentTarget.checked ? [...others, flag] : others;
              }}
            />
            <span>
              {t(`flag.${flag}`)} <span class="soft small mono">{flag}</span>
            </span>
          </label>
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={isLocked.value}
            onInput={(event) => {
              isLocked.value = event.currentTarget.checked;
            }}
          />
          <span>{t('accounts.lock')}</span>
        </label>
      </fieldset>
      {problem}
      <button type="submit" class="button first" disabled={isRunning}>
        {t(existing ? 'action.save' : 'accounts.add')}
      </button>
      <Commands lines={existing ? changeLines(existing) : [addLine()]} />
    </form>
  );

  function optionsOf(names: readonly string[], prefix = ''): Record<string, boolean> {
    return Object.fromEntries(
      names.flatMap((flag) => {
        const option = flagOptions[flag as AccountFlag];
        return option === undefined ? [] : [[prefix + option, true]];
      }),
    );
  }

  function addLine(): string {
    return dp('user add', [name.value.trim() || '…'], optionsOf(flags.value));
  }

  function changeLines(account: Account): string[] {
    const options = {
      ...optionsOf(added),
      ...optionsOf(removed, 'no-'),
      lock: isLocked.value && !account.isLocked,
      unlock: !isLocked.value && account.isLocked,
    };
    const isRenamed = name.value.trim() !== account.name;
    return [
      ...(isRenamed ? [dp('user rename', [account.name, name.value.trim()])] : []),
      ...(Object.values(options).some(Boolean) ? [dp('user set', [account.name], options)] : []),
      dp('user passwd', [account.name]),
      dp('user remove', [account.name]),
    ];
  }
}

function Remove({ account, onDone }: { account: Account; onDone: () => void }): JSX.Element {
  const isAsking = useSignal(false);
  const { run, isRunning, problem } = useAction();
  return (
    <div class="stack">
      {problem}
      <div class="row">
        <button
          type="button"
          class="button danger"
          disabled={isRunning}
          onClick={() => {
            if (!isAsking.value) isAsking.value = true;
            else
              void run(() => call('user.remove', { key: { id: account.id } })).then(
                (isDone) => isDone && onDone(),
              );
          }}
        >
          {t(isAsking.value ? 'accounts.removeSure' : 'accounts.remove')}
        </button>
      </div>
    </div>
  );
}
