// How people find a session and get in: invites, and announcements at list servers.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Bdi, Chip, Command, Commands, Field, Lacking, TextField, toast, useAction } from '../parts.js';
import { joined, number, t } from '../texts/texts.js';

type Full = OutputOf<'session.get'>;

export function Invites({ session }: { session: Full }): JSX.Element {
  const uses = useSignal(1);
  const isOperator = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const { id, invitelist } = session;
  return (
    <section class="card stack" aria-label={t('invites.title')}>
      <h2>{t('invites.title')}</h2>
      {invitelist.length === 0 && <p class="soft">{t('invites.empty')}</p>}
      {invitelist.length > 0 && (
        <ul class="list scroll">
          {invitelist.map((invite) => (
            <li key={invite.secret} class="stack entry">
              <Command line={`${id}:${invite.secret}`} />
              <div class="row apart">
                <span class="soft small">
                  {t('invites.used', { n: number(invite.uses.length), most: number(invite.maxUses) })}
                  {invite.uses.length > 0 && (
                    <>
                      {': '}
                      <Bdi>{joined(invite.uses.map(({ name }) => name))}</Bdi>
                    </>
                  )}{' '}
                  {invite.op && <Chip kind="mark">{t('role.operator')}</Chip>}
                </span>
                <button
                  type="button"
                  class="button"
                  disabled={isRunning || isLacking('session.uninvite')}
                  aria-label={`${t('invites.remove')}: ${invite.secret}`}
                  onClick={() =>
                    void run(() => call('session.uninvite', { session: id, secret: invite.secret }))
                  }
                >
                  {t('invites.remove')}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Lacking of={['session.invite']} />
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(() => call('session.invite', { session: id, maxUses: uses.value, op: isOperator.value }));
        }}
      >
        <Field label={t('invites.uses')}>
          {(field) => (
            <input
              id={field}
              type="number"
              min={1}
              max={50}
              required
              value={uses.value}
              onInput={(event) => {
                uses.value = Number(event.currentTarget.value);
              }}
            />
          )}
        </Field>
        <label class="item">
          <input
            type="checkbox"
            checked={isOperator.value}
            onInput={(event) => {
              isOperator.value = event.currentTarget.checked;
            }}
          />
          {t('person.op')}
        </label>
        {problem}
        <div>
          <button type="submit" class="button" disabled={isRunning || isLacking('session.invite')}>
            {t('invites.new')}
          </button>
        </div>
      </form>
      <Commands lines={[dp('session invite', [id], { uses: uses.value, op: isOperator.value })]} />
    </section>
  );
}

export function Listings({ session }: { session: Full }): JSX.Element {
  const url = useSignal('');
  const { run, isRunning, problem } = useAction();
  const { id, listings } = session;
  return (
    <section class="card stack" aria-label={t('listings.title')}>
      <h2>{t('listings.title')}</h2>
      {listings.length === 0 && <p class="soft">{t('listings.empty')}</p>}
      {listings.length > 0 && (
        <ul class="list">
          {listings.map((each) => (
            <li key={each.id} class="item">
              <span class="grow mono">{each.url}</span>
              <button
                type="button"
                class="button"
                disabled={isRunning || isLacking('session.unlist')}
                aria-label={`${t('listings.unlist')}: ${each.url}`}
                onClick={() => void run(() => call('session.unlist', { session: id, url: each.url }))}
              >
                {t('listings.unlist')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Lacking of={['session.announce']} />
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => {
            await call('session.announce', { session: id, url: url.value.trim() });
            url.value = '';
            toast(t('listings.asked'));
          });
        }}
      >
        <TextField label={t('listings.url')} text={url} class="mono" autocapitalize="none" required />
        {problem}
        <div>
          <button type="submit" class="button" disabled={isRunning || isLacking('session.announce')}>
            {t('listings.announce')}
          </button>
        </div>
      </form>
      <Commands lines={[dp('session announce', [id, url.value.trim() || 'https://…'])]} />
    </section>
  );
}
