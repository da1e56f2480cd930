// What a moderator can do about somebody: in a sheet over a list, on the page of a person, beside a report. Most of it can
// be undone for ten seconds.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Chip, Commands, Lacking, TextField, Time, toast, undoable, useAction } from '../parts.js';
import { t } from '../texts/texts.js';
import { BanForm } from './ban-form.js';

/** As both lists of people have them. */
export type Person = Pick<OutputOf<'online.list'>[number], 'name' | 'ip' | 's' | 'id'> &
  Partial<Omit<OutputOf<'online.list'>[number], 'name' | 'ip' | 's' | 'id'>>;

export function RoleChips({ person }: { person: Person }): JSX.Element {
  return (
    <>
      {person.mod && <Chip kind="mark">{t('role.moderator')}</Chip>}
      {person.op && <Chip kind="mark">{t('role.operator')}</Chip>}
      {person.trusted && <Chip kind="good">{t('role.trusted')}</Chip>}
      {person.muted && <Chip kind="bad">{t('role.muted')}</Chip>}
      {person.browser && <Chip>{t('role.browser')}</Chip>}
    </>
  );
}

export function PersonActions({
  person,
  session,
  me,
  isPresent = true,
  onDone = () => {},
}: {
  person: Person;
  /** Id of the session that they are or were in, if it goes on. */
  session: string | undefined;
  me: Me;
  isPresent?: boolean;
  /** Something was done: where this is a sheet, it goes. */
  onDone?: () => void;
}): JSX.Element {
  const reason = useSignal('');
  const isBanning = useSignal(false);
  const [wasPresent] = useState(isPresent);
  const { run, isRunning, problem } = useAction();
  const { name, uid } = person;
  const user = person.id;
  const act = (action: () => Promise<unknown>) => void run(action).then((isDone) => isDone && onDone());

  const setRole = (change: { op?: boolean; trusted?: boolean; muted?: boolean }, text: string) =>
    act(async () => {
      const back = Object.fromEntries(Object.entries(change).map(([role, has]) => [role, !has]));
      if (session === undefined) return;
      const where = { session, user };
      await undoable(
        () => text,
        () => t('undone.role', { name }),
        async () => {
          await call('session.role', { ...where, ...change });
          return () => call('session.role', { ...where, ...back });
        },
      );
    });
  const kick = () =>
    act(async () => {
      const message = reason.value.trim();
      if (session === undefined) {
        if (uid !== undefined) await call('online.kick', { uid, ...(message && { message }) });
      } else await call('session.kick', { session, user, ...(message && { message }) });
      toast(t('person.kicked', { name }));
    });
  const ban = () =>
    act(async () => {
      if (session === undefined) return;
      await undoable(
        () => t('person.banned', { name }),
        () => t('undone.ban', { name }),
        async () => {
          const { bans } = await call('session.ban', { session, user });
          const made = bans.reduce((last, each) => Math.max(last, each.id), 0);
          return () => call('session.unban', { session, ban: made });
        },
      );
    });

  if (isBanning.value) {
    return (
      <BanForm
        me={me}
        target={{ kind: 'ip', text: person.ip }}
        clientId={person.s}
        comment={name}
        done={t('person.serverBanned', { name })}
        undone={t('undone.ban', { name })}
        onCancel={() => {
          isBanning.value = false;
        }}
        onDone={() => {
          isBanning.value = false;
          // who is banned stays until they are disconnected
          if (uid !== undefined && isPresent && !isLacking('online.kick'))
            call('online.kick', { uid }).catch(() => undefined);
          onDone();
        }}
      />
    );
  }
  const inSession = session !== undefined && isPresent;
  return (
    <div class="stack">
      {wasPresent && !isPresent && (
        <p class="banner" role="status">
          {t('person.leftMeanwhile')}
        </p>
      )}
      <div class="row">
        <RoleChips person={person} />
        {person.auth !== undefined && <Chip>{t(person.auth ? 'role.account' : 'role.guest')}</Chip>}
        {!isPresent && <Chip>{t('person.away')}</Chip>}
      </div>
      <p class="soft small">
        {t('person.address')}: <span class="mono">{person.ip}</span>
        {person.lastActive !== undefined && Date.parse(person.lastActive) > 0 && (
          <>
            {' · '}
            {t('person.lastActive')}: <Time at={person.lastActive} />
          </>
        )}
      </p>
      {problem}
      <div class="row acts">
        {inSession && (
          <button
            type="button"
            class="button"
            disabled={isRunning || isLacking('session.role:muted')}
            onClick={() =>
              setRole({ muted: !person.muted }, t(person.muted ? 'person.unmuted' : 'person.muted', { name }))
            }
          >
            {t(person.muted ? 'person.unmute' : 'person.mute')}
          </button>
        )}
        {isPresent && (
          <button
            type="button"
            class="button danger"
            disabled={isRunning || (session === undefined && isLacking('online.kick'))}
            onClick={kick}
          >
            {t('person.kick')}
          </button>
        )}
        {session !== undefined && (
          <button
            type="button"
            class="button danger"
            disabled={isRunning || isLacking('session.ban')}
            onClick={ban}
          >
            {t('person.ban')}
          </button>
        )}
        <button
          type="button"
          class="button danger"
          onClick={() => {
            isBanning.value = true;
          }}
        >
          {t('person.serverBan')}
        </button>
      </div>
      {session !== undefined && <Lacking of={['session.ban', 'session.role:muted']} />}
      {/* what was typed stays when they leave */}
      {(isPresent || reason.value !== '') && (
        <TextField label={t('person.reason')} help={t('person.reasonHelp')} text={reason} maxLength={80} />
      )}
      {inSession && (
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={isRunning || person.mod === true}
            onClick={() =>
              setRole({ op: !person.op }, t(person.op ? 'person.deopped' : 'person.opped', { name }))
            }
          >
            {t(person.op ? 'person.deop' : 'person.op')}
          </button>
          <button
            type="button"
            class="button"
            disabled={isRunning || isLacking('session.role:trusted')}
            onClick={() =>
              setRole(
                { trusted: !person.trusted },
                t(person.trusted ? 'person.untrusted' : 'person.trusted', { name }),
              )
            }
          >
            {t(person.trusted ? 'person.untrust' : 'person.trust')}
          </button>
        </div>
      )}
      <Commands
        lines={[
          ...(inSession
            ? [
                dp('session mute', [session, user], { off: person.muted === true }),
                dp('session op', [session, user], { take: person.op === true }),
                dp('session trust', [session, user], { take: person.trusted === true }),
                dp('session kick', [session, user], { message: reason.value.trim() }),
              ]
            : []),
          ...(session === undefined && uid !== undefined && isPresent ? [dp('user kick', [uid])] : []),
          ...(session === undefined ? [] : [dp('session ban', [session, user])]),
          dp('ban ip', [person.ip], { expires: '7d' }),
        ]}
      />
    </div>
  );
}
