// Now: what is going on, and whether all is well.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { Friends } from '../friends.js';
import { useLive } from '../live.js';
import { expiryOf, problemsOf } from '../notices.js';
import { Bdi, Chip, Empty, hasWords, Loading, now, Search, Time } from '../parts.js';
import { sessionPath } from '../paths.js';
import { ago, bytes, number, span, t, tn } from '../texts/texts.js';
import { Hour } from './hour.js';
import { NewSession } from './new-session.js';

type Listed = OutputOf<'session.list'>[number];
type Status = OutputOf<'server.status'>;
interface Row {
  readonly session: Listed;
  readonly unusual: readonly string[];
}

export function NowPlace({ me }: { me: Me }): JSX.Element {
  const status = useLive('server.status', {}, ['session', 'person', 'health']);
  const sessions = useLive('session.list', {}, ['session', 'person']);
  // hundreds of people: not before what the screen shows first
  const online = useLive('online.list', sessions.data && {}, ['person']);
  const settings = useLive('config.list', {}, ['setting']);
  const search = useSignal('');
  if (!status.data || !sessions.data) {
    return <Loading title={t('now.title')} of={status.error ? status : sessions} retry={status.refresh} />;
  }
  const limit = settings.data?.find(({ name }) => name === 'sessionSizeLimit')?.value;
  const operators = new Set(online.data?.filter(({ op, mod }) => op || mod).map(({ session }) => session));
  const problems = problemsOf(status.data);
  const running = sessions.data.filter(({ id }) => id !== undefined);
  const shown = running
    .filter(({ title, founder, alias, id = '' }) =>
      hasWords(`${title} ${founder} ${alias} ${id}`, search.value),
    )
    .map((session) => ({
      session,
      unusual: unusualOf(
        session,
        typeof limit === 'number' ? limit : 0,
        online.data === undefined || operators.has(session.id),
      ),
    }))
    .sort(
      (a, b) =>
        b.unusual.length - a.unusual.length || (b.session.userCount ?? 0) - (a.session.userCount ?? 0),
    );
  return (
    <>
      <div class="row apart">
        <h1>{t('now.title')}</h1>
        <Health status={status.data} />
        {me.role === 'administrator' && !isLacking('session.create') && (
          <NewSession templates={sessions.data.filter(({ id }) => id === undefined)} />
        )}
      </div>
      {problems.length > 0 && (
        <ul class="list card problems" aria-label={t('now.problems')}>
          {problems.map(({ key, text }) => (
            <li key={key}>
              <p class="item">{text}</p>
            </li>
          ))}
        </ul>
      )}
      <div class="card facts">
        <Fact value={number(status.data.usersInSessions)} text={t('now.people')} />
        <Fact value={number(status.data.activeDrawers)} text={t('now.drawing')} />
        <Fact value={number(running.length)} text={t('now.sessions')} />
        {/* a drawpile-srv does not say */}
        {status.data.memoryBytes > 0 && (
          <Fact value={bytes(status.data.memoryBytes)} text={t('now.memory')} />
        )}
      </div>
      <Hour status={status.data} />
      {running.length === 0 ? (
        <Empty title={t('now.empty')}>
          <p class="soft">{t('now.emptyText')}</p>
          {status.data.link !== undefined && <Friends link={status.data.link} />}
        </Empty>
      ) : (
        <section class="stack" aria-label={t('now.sessions')}>
          {running.length > 5 && (
            <Search
              label={t('now.search')}
              value={search.value}
              onInput={(text) => {
                search.value = text;
              }}
            />
          )}
          {shown.length === 0 && <p class="soft">{t('now.none', { text: search.value })}</p>}
          <Cards sessions={shown} />
        </section>
      )}
    </>
  );
}

/** What fills the first screen of a phone, and what follows it. */
const cardsAtFirst = 4;
const cardsAtOnce = 12;
/** So far below what is in view, further cards are there already. */
const nearPixels = 800;

/** As many as one has come to: hundreds at once would keep a phone busy for seconds. */
function Cards({ sessions }: { sessions: readonly Row[] }): JSX.Element {
  const [count, setCount] = useState(cardsAtFirst);
  const end = useRef<HTMLLIElement>(null);
  const hasMore = sessions.length > count;
  useEffect(() => {
    if (!end.current) return;
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setCount(count + cardsAtOnce);
      },
      { rootMargin: `${nearPixels}px` },
    );
    near.observe(end.current);
    return () => near.disconnect();
  }, [count, hasMore]);
  return (
    <ul class="cards">
      {sessions.slice(0, count).map(({ session, unusual }) => (
        <li key={session.id}>
          <Card session={session} unusual={unusual} />
        </li>
      ))}
      {hasMore && <li ref={end} class="more" aria-hidden="true" />}
    </ul>
  );
}

function Fact({ value, text }: { value: string; text: string }): JSX.Element {
  return (
    <div class="fact">
      <strong>{value}</strong>
      <span class="soft small">{text}</span>
    </div>
  );
}

const dayMs = 86_400_000;

function Health({ status }: { status: Status }): JSX.Element {
  const isWell = problemsOf(status).length === 0;
  const { certificate, stopsAt } = status;
  const expiry = expiryOf(status, now.value);
  return (
    <div class="row small health">
      <Chip kind={isWell ? 'good' : 'bad'}>{t(isWell ? 'now.healthy' : 'now.problems')}</Chip>
      <span class="soft">{t('now.uptime', { time: span(now.value - status.startedAt) })}</span>
      {expiry !== undefined && <Chip kind="warn">{expiry}</Chip>}
      {expiry === undefined && certificate && (
        <span class="soft">
          {tn('now.certificate', Math.floor((certificate.validUntil - now.value) / dayMs))}
        </span>
      )}
      {stopsAt !== null && <Chip kind="warn">{t('now.stops', { time: ago(stopsAt, now.value) })}</Chip>}
    </div>
  );
}

/** What a moderator should look at, in words. */
function unusualOf(
  { size = 0, userCount = 0, maxUserCount }: Listed,
  limit: number,
  hasOperator: boolean,
): string[] {
  const share = limit > 0 ? size / limit : 0;
  return [
    ...(share >= 0.8 ? [t('session.nearLimit', { percent: number(Math.floor(share * 100)) })] : []),
    ...(userCount > 0 && !hasOperator ? [t('session.noOperator')] : []),
    ...(userCount >= maxUserCount ? [t('session.full')] : []),
  ];
}

function Card({ session, unusual }: { session: Listed; unusual: readonly string[] }): JSX.Element {
  const { id = '', title, founder, userCount = 0, hasPassword, nsfm, closed, startTime = '' } = session;
  const name = title.trim() || session.alias || t('session.untitled');
  return (
    <a class="card session-card" href={sessionPath(id)}>
      <Picture id={id} title={name} />
      <div class="body">
        <h2 dir="auto">{name}</h2>
        <p class="soft small clip">
          {tn('session.people', userCount)} · <Bdi>{hostText(founder)}</Bdi> · <Time at={startTime} />
        </p>
        <div class="row">
          {unusual.map((text) => (
            <Chip kind="warn" key={text}>
              {text}
            </Chip>
          ))}
          {hasPassword && <Chip>{t('session.password')}</Chip>}
          {closed === true && userCount < session.maxUserCount && <Chip>{t('session.locked')}</Chip>}
          {nsfm && <Chip>{t('session.nsfm')}</Chip>}
        </div>
      </div>
    </a>
  );
}

/** A session that an administrator created has none. */
export function hostText(founder: string): string {
  return founder === '' ? t('session.noHost') : t('session.by', { name: founder });
}

const kinds = [
  ['/9j/', 'jpeg'],
  ['iVBOR', 'png'],
  ['UklGR', 'webp'],
] as const;

/** The newest picture that a client sent, once it is in view; a drawn line where there is none. */
export function Picture({
  id,
  title,
  isLarge = false,
  version = '',
  onFound,
}: {
  id: string;
  title: string;
  isLarge?: boolean;
  /** Another one: there is a newer picture. */
  version?: string;
  onFound?: (at: string) => void;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [source, setSource] = useState<string>();
  useEffect(() => {
    let isOver = false;
    const load = () =>
      call('thumbnail.get', { session: id }).then(
        (picture) => {
          const kind = kinds.find(([start]) => picture?.data.startsWith(start))?.[1];
          if (isOver || picture === null || kind === undefined) return;
          setSource(`data:image/${kind};base64,${picture.data}`);
          onFound?.(picture.at);
        },
        () => undefined,
      );
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      void load();
    });
    if (place.current) seen.observe(place.current);
    return () => {
      isOver = true;
      seen.disconnect();
    };
  }, [id, version]);
  return (
    <div class={`picture ${isLarge ? 'large' : ''}`} ref={place}>
      {source === undefined ? (
        <svg
          viewBox="0 0 160 90"
          fill="none"
          stroke="currentColor"
          stroke-width="6"
          stroke-linecap="round"
          aria-hidden="true"
        >
          <path d={strokeOf(id)} />
        </svg>
      ) : (
        <img src={source} alt={t('session.picture', { title })} />
      )}
    </div>
  );
}

/** A line that is the same for the same session. */
function strokeOf(id: string): string {
  const at = (index: number) =>
    15 + (((id.charCodeAt(index % Math.max(1, id.length)) || 50) * (7 + index)) % 60);
  return `M24 ${at(0)}C50 ${at(1)} 56 ${at(2)} 80 ${at(3)}S112 ${at(4)} 136 ${at(5)}`;
}
