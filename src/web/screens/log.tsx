// The log and the changes, newest first. The filters are part of the address.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { InputOf, OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import { Bdi, Chip, Choice, Commands, Empty, Loading, Search } from '../parts.js';
import { sessionPath } from '../paths.js';
import { filter, setFilter } from '../router.js';
import { clock, exact, isolated, t, visible } from '../texts/texts.js';

const step = 100;
const levels = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof levels)[number];
const kinds: Readonly<Record<string, string>> = { error: 'bad', warn: 'warn' };

export function LogPlace(): JSX.Element {
  const isAudit = filter('show') === 'changes';
  return (
    <>
      <h1>{t('log.title')}</h1>
      <Choice
        label={t('log.title')}
        options={[
          ['log', t('log.title')],
          ['changes', t('log.audit')],
        ]}
        value={isAudit ? 'changes' : 'log'}
        onChoose={(chosen) => setFilter('show', chosen === 'log' ? '' : chosen)}
      />
      {isAudit ? <Changes /> : <Entries />}
    </>
  );
}

function Entries(): JSX.Element {
  const limit = useSignal(step);
  const words = filter('search');
  const level = levels.find((each) => each === filter('level'));
  const topic = filter('topic');
  const input = {
    order: 'newest',
    limit: limit.value,
    ...(words !== '' && { contains: words }),
    ...(level && { level }),
    ...(topic !== '' && { topics: [topic] }),
  } as InputOf<'log.query'>;
  const entries = useLive('log.query', input, ['log']);
  return (
    <>
      <Search label={t('log.search')} value={words} onInput={(text) => setFilter('search', text)} />
      <div class="row">
        <select
          class="grow"
          aria-label={t('log.level')}
          value={level ?? ''}
          onInput={(event) => setFilter('level', event.currentTarget.value)}
        >
          <option value="">{t('log.anyLevel')}</option>
          {levels.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <select
          class="grow"
          aria-label={t('log.topic')}
          value={topic}
          onInput={(event) => setFilter('topic', event.currentTarget.value)}
        >
          <option value="">{t('log.anyTopic')}</option>
          {topics.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </div>
      {entries.data === undefined ? (
        <Loading of={entries} retry={entries.refresh} />
      ) : entries.data.length === 0 ? (
        <Empty title={t('log.empty')}>
          <p class="soft">{t('log.emptyText')}</p>
        </Empty>
      ) : (
        <ol class="list card">
          {entries.data.map((entry, index) => (
            // a drawpile-srv has no ids
            <li key={entry.id || `${entry.time} ${index}`} class="log-line">
              <Entry entry={entry} />
            </li>
          ))}
        </ol>
      )}
      <More count={entries.data?.length ?? 0} limit={limit.value} onMore={() => (limit.value += step)} />
      <Commands
        lines={[
          dp('log', [], { level: level as Level | undefined, topic, contains: words, limit: limit.value }),
        ]}
      />
    </>
  );
}

const topics = [
  'Report',
  'Kick',
  'Ban',
  'Unban',
  'Mute',
  'Unmute',
  'Join',
  'Leave',
  'Op',
  'Deop',
  'Trust',
  'Untrust',
  'RuleBreak',
  'BadData',
  'PubList',
  'Status',
  'ClientInfo',
  'ExtBan',
  'BanImpEx',
  'AdminChat',
  'Invite',
] as const satisfies readonly OutputOf<'log.query'>[number]['topic'][];

function Entry({ entry }: { entry: OutputOf<'log.query'>[number] }): JSX.Element {
  const { time, level, topic, message, user, session } = entry;
  return (
    <>
      <time class="soft small" dateTime={new Date(time).toISOString()} title={exact(time)}>
        {clock(time)}
      </time>
      <span>
        <Chip kind={kinds[level] ?? ''}>{kinds[level] ? `${level} · ${topic}` : topic}</Chip>
      </span>
      <span>
        {user && (
          <strong>
            <Bdi>{user.name}</Bdi>{' '}
          </strong>
        )}
        <span dir="auto">{visible(message)}</span>
        {session && (
          <>
            {' '}
            <a class="small mono" href={sessionPath(session)}>
              {session.slice(0, 8)}
            </a>
          </>
        )}
      </span>
    </>
  );
}

function Changes(): JSX.Element {
  const limit = useSignal(step);
  const entries = useLive('audit.query', { order: 'newest', limit: limit.value }, ['audit']);
  return (
    <>
      {entries.data === undefined ? (
        <Loading of={entries} retry={entries.refresh} />
      ) : entries.data.length === 0 ? (
        <Empty title={t('log.empty')} />
      ) : (
        <ol class="list card">
          {entries.data.map(({ id, when, actor, address, what, on, before, after }) => (
            <li key={id} class="log-line">
              <time class="soft small" dateTime={new Date(when).toISOString()} title={exact(when)}>
                {clock(when)}
              </time>
              <span>
                <Chip kind="mark">{what}</Chip>
              </span>
              <span>
                <strong>
                  <Bdi>{visible(on.name)}</Bdi>
                </strong>{' '}
                <span class="soft small">
                  <Bdi>{t('log.byHand', { name: actor.name || actor.kind })}</Bdi>{' '}
                  <span class="mono">{address}</span>
                </span>
                <br />
                <span class="small mono" dir="auto">
                  {before && factsText(before)}
                  {before && after && ' → '}
                  {after && factsText(after)}
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
      <More count={entries.data?.length ?? 0} limit={limit.value} onMore={() => (limit.value += step)} />
      <Commands lines={[dp('audit', [], { limit: limit.value })]} />
    </>
  );
}

/** Milliseconds since 1970 under a name that says so. */
function isMoment(name: string, value: unknown): value is number {
  return typeof value === 'number' && /expires|until|when|at$/i.test(name) && value > 946_684_800_000;
}

function factsText(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([name, value]) => {
      const text = isMoment(name, value)
        ? clock(value)
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
      return `${name}: ${isolated(text)}`;
    })
    .join(', ');
}

function More({
  count,
  limit,
  onMore,
}: {
  count: number;
  limit: number;
  onMore: () => void;
}): JSX.Element | null {
  if (count < limit) return null;
  return (
    <div>
      <button type="button" class="button" onClick={onMore}>
        {t('log.more')}
      </button>
    </div>
  );
}
