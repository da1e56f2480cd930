// Somebody who is connected, and what a moderator can do about them; most of it can be undone for ten seconds.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Bdi, Chip, Commands, Lacking, Sheet, TextField, Time, toast, useAction } from '../parts.js';
import { sessionPath } from '../paths.js';
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

export function PersonSheet({
  person,
  session,
  me,
  isPresent = true,
  onClose,
}: {
  person: Person;
  /** Id of the session that they are or were in. */
  session: string | undefined;
  me: Me;
  isPresent?: boolean;
  onClose: () => void;
}): JSX.Element {
  const reason = useSignal('');
  const isBanning = useSignal(false);
  const { run, isRunning, problem } = useAction();
  const { name, uid } = person;
  const user = person.id;
  const act = (action: () => Promise<unknown>) => void run(action).then((isDone) => isDone && onClose());

  const setRole = (wish: { op?: boolean; trusted?: boolean; muted?: boolean }, text: string) =>
    act(async () => {
      const back = Object.fromEntries(Object.entries(wish).map(([role, has]) => [role, !has]));
      await call('session.role', { session: session!, user, ...wish });
      toast(text, () => call('session.role', { session: session!, user, ...back }));
    });
  const kick = () =>
    act(async () => {
      const message = reason.value.trim();
      if (session === undefined) await call('online.kick', { uid: uid!, ...(message && { message }) });
      else await call('session.kick', { session, user, ...(message && { message }) });
      toast(t('person.kicked', { name }));
    });
  const ban = () =>
    act(async () => {
      const { bans } = await call('session.ban', { session: session!, user });
      const made = bans.reduce((last, each) => Math.max(last, each.id), 0);
      toast(t('person.banned', { name }), () => call('session.unban', { session: session!, ban: made }));
    });

  if (isBanning.value) {
    return (
      <Sheet title={<Bdi>{`${t('person.serverBan').replace('…', '')}: ${name}`}</Bdi>} onClose={onClose}>
        <BanForm
          me={me}
          target={{ kind: 'ip', text: person.ip }}
          clientId={person.s}
          comment={name}
          onDone={(ban) => {
            toast(t('person.serverBanned', { name }), () =>
              call('ban.remove', { refs: [{ kind: ban.kind, id: ban.id }] }),
            );
            // who is banned stays until they are disconnected
            if (uid !== undefined && isPresent && !isLacking('online.kick'))
              call('online.kick', { uid }).catch(() => undefined);
            onClose();
          }}
        />
      </Sheet>
    );
  }
  const inSession = session !== undefined && isPresent;
  return (
    <Sheet title={<Bdi>{name}</Bdi>} onClose={onClose}>
      <div class="row">
        <RoleChips person={person} />
        {person.auth !== undefined && <Chip>{t(person.auth ? 'role.account' : 'role.guest')}</Chip>}
      </div>
      <p class="soft small">
        {t('person.address')}: <span class="mono">{person.ip}</span>
        {person.lastActive !== undefined && (
          <>
            {' · '}
            {t('person.lastActive')}: <Time at={person.lastActive} />
          </>
        )}
      </p>
      {problem}
      {inSession && (
        <div class="row">
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
          <button
            type="button"
            class="button"
            disabled={isRunning || person.mod === true}
            onClick={() => setRole({ op: !person.op }, t('person.changed'))}
          >
            {t(person.op ? 'person.deop' : 'person.op')}
          </button>
          <button
            type="button"
            class="button"
            disabled={isRunning || isLacking('session.role:trusted')}
            onClick={() => setRole({ trusted: !person.trusted }, t('person.changed'))}
          >
            {t(person.trusted ? 'person.untrust' : 'person.trust')}
          </button>
        </div>
      )}
      {session !== undefined && <Lacking of={['session.ban', 'session.role:muted']} />}
      {isPresent && (
        <TextField label={t('person.reason')} help={t('person.reasonHelp')} text={reason} maxLength={80} />
      )}
      <div class="row">
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
      {session !== undefined && person.session !== undefined && (
        <a class="button" href={sessionPath(session)} onClick={onClose}>
          {t('person.openSession')}
        </a>
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
          ...(session === undefined && uid !== undefined ? [dp('user kick', [uid])] : []),
          ...(session === undefined ? [] : [dp('session ban', [session, user])]),
          dp('ban ip', [person.ip], { expires: '7d' }),
        ]}
      />
    </Sheet>
  );
}
