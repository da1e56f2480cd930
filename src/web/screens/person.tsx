// Everything that is known about one person: under which addresses and names they were seen, their sessions, notes,
// bans and reports.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, changes, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import { Bdi, Chip, Commands, Face, Lacking, Loading, Time } from '../parts.js';
import { personPath, root, sessionPath } from '../paths.js';
import { t } from '../texts/texts.js';
import { Notes, type NoteTarget } from './notes.js';
import { PersonActions } from './person-actions.js';
import { ReportList } from './reports.js';

type Seen = OutputOf<'user.find'>[number];
type Explained = OutputOf<'ban.explain'>;
/** Of somebody with many, the latest are looked at. */
const addressesAtMost = 6;
const shownAtMost = 20;

export function PersonPlace({ name, me }: { name: string; me: Me }): JSX.Element {
  const knowsSeen = !isLacking('user.find');
  const seen = useLive('user.find', knowsSeen ? { text: name, isExact: true } : undefined, ['person']);
  const online = useLive('online.list', {}, ['person']);
  const sessions = useLive('session.list', {}, ['session']);
  const reports = useLive('report.list', isLacking('report.list') ? undefined : { withClosed: true }, [
    'report',
  ]);
  const addresses = [...new Set(seen.data?.map(({ address }) => address))].slice(0, addressesAtMost);
  const explained = useExplained(addresses);
  if (!seen.data && knowsSeen) return <Loading title={name} of={seen} retry={seen.refresh} />;
  const rows = seen.data ?? [];
  const here = online.data?.filter((each) => each.name.toLowerCase() === name.toLowerCase()) ?? [];
  const latest = rows[0];
  const clients = [...new Set(rows.flatMap((each) => each.clients))];
  const titles = new Map(sessions.data?.map(({ id = '', title, alias }) => [id, title.trim() || alias]));
  const visited = [...new Set(rows.flatMap((each) => each.sessions))].slice(0, shownAtMost);
  const others = othersAt(explained, name);
  const bans = explained.flatMap(({ matching }) => matching);
  const about: NoteTarget[] = [
    { kind: 'name', target: name },
    ...(here.some(({ auth }) => auth) ? [{ kind: 'account', target: name } as const] : []),
    ...addresses.map((target) => ({ kind: 'address', target }) as const),
    ...clients.map((target) => ({ kind: 'client', target }) as const),
  ];
  const mine = reports.data?.filter((each) => [each.about?.name, each.reporter.name].includes(name)) ?? [];
  return (
    <>
      <div class="row">
        <Face name={name} />
        <h1 class="title grow">
          <Bdi>{name}</Bdi>
        </h1>
        <Chip kind={here.length > 0 ? 'good' : ''}>
          {t(here.length > 0 ? 'person.online' : 'person.away')}
        </Chip>
      </div>
      <div class="two">
        <div class="stack">
          {here.map((person) => (
            <section key={person.uid} class="card stack" aria-label={t('person.now')}>
              <h2>
                {person.session === undefined ? (
                  t('person.connected')
                ) : (
                  <a href={sessionPath(person.session)}>
                    <Bdi>{titles.get(person.session) || t('session.untitled')}</Bdi>
                  </a>
                )}
              </h2>
              <PersonActions person={person} session={person.session} me={me} />
            </section>
          ))}
          {here.length === 0 && latest && (
            <section class="card stack" aria-label={t('person.last')}>
              <h2>{t('person.last')}</h2>
              <p>
                <Time at={latest.lastSeen} />
              </p>
              <PersonActions
                person={{ name, ip: latest.address, s: clients[0] ?? '', id: 0 }}
                session={undefined}
                me={me}
                isPresent={false}
              />
            </section>
          )}
          <Lacking of={['user.find']} />
          {!latest && knowsSeen && <p class="soft">{t('person.neverSeen')}</p>}
          <Notes about={about} />
        </div>
        <div class="stack">
          {latest && (
            <section class="card stack" aria-label={t('person.addresses')}>
              <h2>{t('person.addresses')}</h2>
              <ul class="list">
                {rows.slice(0, shownAtMost).map(({ name: called, address, lastSeen }) => (
                  <li key={`${called} ${address}`} class="item">
                    <span class="grow">
                      <span class="mono">{address}</span>
                      {called !== name && (
                        <>
                          {' '}
                          <Bdi>{called}</Bdi>
                        </>
                      )}
                    </span>
                    <span class="soft small">
                      <Time at={lastSeen} />
                    </span>
                  </li>
                ))}
              </ul>
              {clients.map((sid) => (
                <p key={sid} class="small">
                  {t('person.client')}: <span class="mono">{sid}</span>
                </p>
              ))}
            </section>
          )}
          {others.length > 0 && (
            <section class="card stack" aria-label={t('person.others')}>
              <h2>{t('person.others')}</h2>
              <ul class="list">
                {others.map((other) => (
                  <li key={`${other.name} ${other.address}`}>
                    <a class="item" href={personPath(other.name)}>
                      <Face name={other.name} />
                      <span class="grow clip">
                        <Bdi>{other.name}</Bdi>
                        <span class="soft small mono block">{other.address}</span>
                      </span>
                      <span class="soft small">
                        <Time at={other.lastSeen} />
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section class="card stack" aria-label={t('bans.title')}>
            <h2>{t('bans.title')}</h2>
            {bans.length === 0 && <p class="soft">{t('person.noBans')}</p>}
            {bans.length > 0 && (
              <ul class="list">
                {bans.map((ban) => (
                  <li key={ban.ref} class="item">
                    <span class="grow">
                      <a class="mono" href={`${root}bans?status=all&search=${encodeURIComponent(ban.ref)}`}>
                        {ban.target}
                      </a>
                      <span class="soft small block">
                        <Bdi>{ban.comment}</Bdi>
                      </span>
                    </span>
                    <Chip kind={ban.isActive ? 'bad' : ''}>
                      {t(ban.isActive ? 'bans.active' : 'bans.expired.chip')}
                    </Chip>
                  </li>
                ))}
              </ul>
            )}
          </section>
          {mine.length > 0 && (
            <section class="card stack" aria-label={t('reports.title')}>
              <h2>{t('reports.title')}</h2>
              <ReportList reports={mine.slice(0, shownAtMost)} isInCard />
            </section>
          )}
          {visited.length > 0 && (
            <section class="card stack" aria-label={t('person.sessions')}>
              <h2>{t('person.sessions')}</h2>
              <ul class="list">
                {visited.map((id) => (
                  <li key={id}>
                    {titles.has(id) ? (
                      <a class="item" href={sessionPath(id)}>
                        <Bdi>{titles.get(id) || t('session.untitled')}</Bdi>
                      </a>
                    ) : (
                      <span class="item soft mono">{id}</span>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      <Commands lines={[dp('user find', [name], { exact: true }), dp('note list', [name])]} />
    </>
  );
}

/** Which bans hit these addresses, and who else was seen there. */
function useExplained(addresses: readonly string[]): readonly Explained[] {
  const key = addresses.join(' ');
  const [found, setFound] = useState<readonly Explained[]>([]);
  const count = changes.value;
  useEffect(() => {
    if (isLacking('ban.explain') || key === '') return setFound([]);
    let isOver = false;
    void Promise.allSettled(key.split(' ').map((address) => call('ban.explain', { address }))).then(
      (answers) => {
        if (isOver) return;
        setFound(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
      },
    );
    return () => {
      isOver = true;
    };
  }, [key, count]);
  return found;
}

function othersAt(
  explained: readonly Explained[],
  name: string,
): Pick<Seen, 'name' | 'address' | 'lastSeen'>[] {
  return explained
    .flatMap(({ seen }) => seen)
    .filter((each) => each.name.toLowerCase() !== name.toLowerCase())
    .slice(0, shownAtMost);
}
