// One session: its picture, the people in it, its chat, its settings.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { type Happening, useKept, useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Commands,
  Empty,
  Face,
  Lacking,
  Loading,
  now,
  TextField,
  Time,
  toast,
  useAction,
} from '../parts.js';
import { root } from '../paths.js';
import { go } from '../router.js';
import { SheetButton } from '../sheet.js';
import { ago, bytes, number, t, tn } from '../texts/texts.js';
import { VirtualList } from '../virtual-list.js';
import { Chat } from './chat.js';
import { hostText, Picture } from './now.js';
import { type Person, RoleChips } from './person-actions.js';
import { PersonSheet } from './person-sheet.js';
import { Invites, Listings } from './session-entry.js';
import { Ping, Recording, usePings } from './session-recording.js';
import { SessionSettings } from './session-settings.js';

type Full = OutputOf<'session.get'>;
type Member = Full['users'][number];

export function SessionPlace({ id, me }: { id: string; me: Me }): JSX.Element {
  const isAbout = ({ data }: Happening) => data.session === undefined || data.session === id;
  const { data, error, refresh } = useLive(
    'session.get',
    { session: id },
    ['session', 'person', 'setting'],
    isAbout,
  );
  const chosen = useSignal<number | undefined>(undefined);
  const pictureAt = useSignal('');
  const pings = usePings(id);
  const { item: person, isGone } = useKept(
    data?.users.find((each) => keyOf(each) === chosen.value),
    chosen.value !== undefined,
  );
  if (error?.code === 'session-not-found') {
    return (
      <Empty title={t('session.gone')} isPage>
        <p class="soft">{t('session.goneText')}</p>
        <a class="button first" href={root}>
          {t('notFound.back')}
        </a>
      </Empty>
    );
  }
  if (!data) return <Loading title={t('now.sessions')} of={{ error }} retry={refresh} />;
  const title = data.title.trim() || data.alias || t('session.untitled');
  const present = data.users.filter(({ online = true }) => online);
  const past = data.users.filter(({ online }) => online === false);
  const choose = (member: Member) => {
    chosen.value = keyOf(member);
  };
  return (
    <>
      <div class="stack">
        <h1 class="title" dir="auto">
          {title}
        </h1>
        <div class="row small">
          <span class="soft">
            <Bdi>{hostText(data.founder)}</Bdi> · <Time at={data.startTime} />
          </span>
          {data.hasPassword && <Chip>{t('session.password')}</Chip>}
          {data.closed && <Chip>{t('session.locked')}</Chip>}
          {data.authOnly && <Chip>{t('session.accounts')}</Chip>}
          {data.nsfm && <Chip>{t('session.nsfm')}</Chip>}
          {data.persistent && <Chip>{t('session.kept')}</Chip>}
        </div>
      </div>
      <div class="two">
        <div class="stack">
          <div class="card stack">
            <Picture
              id={data.id}
              title={title}
              isLarge
              version={data.thumbnail.generatedAt ?? ''}
              onFound={(at) => {
                pictureAt.value = at;
              }}
            />
            <div class="row apart">
              <span class="soft small">
                {pictureAt.value === ''
                  ? t('session.noPicture')
                  : t('session.pictureAge', { time: ago(Date.parse(pictureAt.value), now.value) })}
              </span>
              <AskPicture session={data} />
            </div>
            <Size session={data} me={me} />
          </div>
          <section class="card stack" aria-label={t('session.peopleTitle')}>
            <div class="row apart">
              <h2>{t('session.peopleTitle')}</h2>
              <span class="soft small">
                {t('session.ofMost', { n: number(present.length), most: number(data.maxUserCount) })}
              </span>
            </div>
            {present.length === 0 && <p class="soft">{t('session.nobody')}</p>}
            <VirtualList
              items={present}
              keyOf={keyOf}
              label={t('session.peopleTitle')}
              class="scroll"
              render={(member) => (
                <MemberRow member={member} ping={pings.get(member.id)} onChoose={() => choose(member)} />
              )}
            />
            {past.length > 0 && (
              <>
                <h3 class="soft">{t('session.left')}</h3>
                <ul class="list scroll">
                  {past.map((member) => (
                    <li key={keyOf(member)}>
                      <MemberRow member={member} onChoose={() => choose(member)} />
                    </li>
                  ))}
                </ul>
              </>
            )}
          </section>
        </div>
        <div class="stack">
          <section class="card stack" aria-label={t('session.chat')}>
            <h2>{t('session.chat')}</h2>
            <Chat session={data.id} me={me} />
          </section>
          <Bans session={data} />
          <Recording session={data.id} me={me} />
          {me.role === 'administrator' && <Invites session={data} />}
          {me.role === 'administrator' && <Listings session={data} />}
          {me.role === 'administrator' && <SessionSettings session={data} />}
          {me.role === 'administrator' && <EndSession session={data} />}
        </div>
      </div>
      {person && (
        <PersonSheet
          person={person as Person}
          session={data.id}
          me={me}
          isPresent={person.online !== false && !isGone}
          onClose={() => {
            chosen.value = undefined;
          }}
        />
      )}
    </>
  );
}

/** Ids are used again for others who come later. */
const keyOf = ({ id, online }: Member): number => (online === false ? -id - 1 : id);

function MemberRow({
  member,
  ping,
  onChoose,
}: {
  member: Member;
  ping?: number | null | undefined;
  onChoose: () => void;
}): JSX.Element {
  return (
    <button type="button" class="item" onClick={onChoose}>
      <Face name={member.name} />
      <span class="grow clip">
        <Bdi>{member.name}</Bdi>
      </span>
      <Ping ms={ping} />
      <RoleChips person={member as Person} />
    </button>
  );
}

function Size({ session, me }: { session: Full; me: Me }): JSX.Element {
  const { run, isRunning, problem } = useAction();
  const { size, maxSize } = session;
  const isLimited = maxSize > 0 && maxSize < Number.MAX_SAFE_INTEGER;
  const share = isLimited ? Math.min(1, size / maxSize) : 0;
  const text = isLimited
    ? t('session.sizeText', { size: bytes(size), most: bytes(maxSize) })
    : t('session.sizeNoLimit', { size: bytes(size) });
  return (
    <div class="stack">
      <div class="row apart small">
        <strong>{t('session.size')}</strong>
        <span class="soft">{text}</span>
      </div>
      {isLimited && (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw theirs in their own colours
        <div
          class={`meter ${share >= 0.95 ? 'bad' : share >= 0.8 ? 'warn' : ''}`}
          role="meter"
          aria-label={t('session.size')}
          aria-valuenow={Math.round(share * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuetext={text}
        >
          <span style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {problem}
      {me.role === 'administrator' && (
        <>
          <div>
            <button
              type="button"
              class="button"
              disabled={isRunning || isLacking('session.reset')}
              onClick={() =>
                void run(async () => {
                  await call('session.reset', { session: session.id });
                  toast(t('session.resetDone'));
                })
              }
            >
              {t('session.reset')}
            </button>
          </div>
          <Lacking of={['session.reset']} />
          <Commands lines={[dp('session reset', [session.id])]} />
        </>
      )}
    </div>
  );
}

/** Whoever can send one is asked; nobody twice before they answered. */
function AskPicture({ session }: { session: Full }): JSX.Element {
  const { run, isRunning, problem } = useAction();
  const painter = session.users.find(({ online = true, capabilities }) => online && capabilities?.thumbnail);
  if (isLacking('thumbnail.request')) return <Lacking of={['thumbnail.request']} />;
  if (!painter) return <span class="soft small">{t('session.pictureNobody')}</span>;
  const isPending = session.thumbnail.generatorCtxId !== undefined;
  return (
    <div class="stack">
      <button
        type="button"
        class="button"
        disabled={isRunning || isPending}
        onClick={() =>
          void run(async () => {
            await call('thumbnail.request', {
              session: session.id,
              user: painter.id,
              maxWidth: 960,
              maxHeight: 960,
              quality: 80,
              format: 'jpeg',
              reason: '',
            });
            toast(t('session.pictureAsked', { name: painter.name }));
          })
        }
      >
        {t('session.askPicture')}
      </button>
      {problem}
    </div>
  );
}

function Bans({ session }: { session: Full }): JSX.Element | null {
  const { run, isRunning, problem } = useAction();
  if (session.bans.length === 0) return null;
  return (
    <section class="card stack" aria-label={t('session.bans')}>
      <h2>{t('session.bans')}</h2>
      {problem}
      <ul class="list scroll">
        {session.bans.map(({ id, username, bannedBy }) => (
          <li key={id} class="item">
            <span class="grow clip">
              <Bdi>{username}</Bdi>{' '}
              <span class="soft small">{t('session.bannedBy', { name: bannedBy })}</span>
            </span>
            <button
              type="button"
              class="button"
              disabled={isRunning || isLacking('session.unban')}
              aria-label={`${t('session.unban')}: ${username}`}
              onClick={() =>
                void run(async () => {
                  await call('session.unban', { session: session.id, ban: id });
                  toast(t('session.unbanned', { name: username }));
                })
              }
            >
              {t('session.unban')}
            </button>
          </li>
        ))}
      </ul>
      <Commands lines={session.bans.slice(0, 5).map(({ id }) => dp('session unban', [session.id, id]))} />
    </section>
  );
}

function EndSession({ session }: { session: Full }): JSX.Element {
  const reason = useSignal('');
  const { run, isRunning, problem } = useAction();
  return (
    <div>
      <SheetButton label={t('session.end')} title={t('session.endTitle')} looks="danger">
        {(close) => (
          <>
            <p>
              {tn('session.people', session.userCount)}. {t('session.endText')}
            </p>
            <TextField label={t('session.endReason')} text={reason} />
            {problem}
            <div class="row">
              <button
                type="button"
                class="button danger"
                disabled={isRunning}
                onClick={() =>
                  void run(async () => {
                    const text = reason.value.trim();
                    await call('session.kill', { session: session.id, ...(text !== '' && { reason: text }) });
                    toast(t('session.ended'));
                    go(root);
                  })
                }
              >
                {t('session.end')}
              </button>
              <button type="button" class="button" onClick={close}>
                {t('action.cancel')}
              </button>
            </div>
            <Commands lines={[dp('session kill', [session.id], { reason: reason.value.trim() })]} />
          </>
        )}
      </SheetButton>
    </div>
  );
}
