// What is around every place: navigation, whether the server is heard, and what was just done.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { changes, isLacking, type Me } from './api.js';
import { stream, useLive } from './live.js';
import { useNotices } from './notices.js';
import { Bdi, Mark } from './parts.js';
import { type Place, placeAt, root } from './paths.js';
import { path } from './router.js';
import { AccountsPlace } from './screens/accounts.js';
import { BansPlace } from './screens/bans.js';
import { FilesPlace } from './screens/files.js';
import { LogPlace } from './screens/log.js';
import { MePlace } from './screens/me.js';
import { NowPlace } from './screens/now.js';
import { PeoplePlace } from './screens/people.js';
import { PersonPlace } from './screens/person.js';
import { ReportPlace, ReportsPlace } from './screens/reports.js';
import { SessionPlace } from './screens/session.js';
import { SettingsPlace } from './screens/settings.js';
import { ServerChoice } from './servers.js';
import { Sheet } from './sheet.js';
import type { TextKey } from './texts/en.js';
import { number, t, tn } from './texts/texts.js';
import { Toasts } from './toasts.js';

interface Row {
  name: Exclude<Place['name'], 'session' | 'report' | 'person' | 'unknown'>;
  text: TextKey;
  /** Of its picture: 24 by 24. */
  drawing: string;
  isForAdministrators?: true;
}

/** TABLE of the places, in the order of the navigation. */
const rows: readonly Row[] = [
  { name: 'now', text: 'place.now', drawing: 'M4 5h16v10H4zM8 19h8M12 15v4' },
  { name: 'reports', text: 'place.reports', drawing: 'M5 21V4h13l-3 4.500 3 4.500H5' },
  {
    name: 'people',
    text: 'place.people',
    drawing:
      'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-4 2.5-6 6-6s6 2 6 6M16 5a3 3 0 0 1 0 6M17 14c2.600.5 4 2.500 4 6',
  },
  { name: 'bans', text: 'place.bans', drawing: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12' },
  {
    name: 'accounts',
    text: 'place.accounts',
    drawing:
      'M4 6h16v12H4zM9 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 16c.5-1.500 1.500-2 3-2s2.500.5 3 2M15 10h3M15 14h3',
    isForAdministrators: true,
  },
  {
    name: 'files',
    text: 'place.files',
    drawing: 'M4 6h6l2 3h8v10H4zM4 12h16',
    isForAdministrators: true,
  },
  { name: 'log', text: 'place.log', drawing: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3', isForAdministrators: true },
  {
    name: 'settings',
    text: 'place.settings',
    drawing:
      'M4 7h9M19 7h1M4 17h1M11 17h9M16 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
    isForAdministrators: true,
  },
  { name: 'me', text: 'place.me', drawing: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3-7 8-7s8 3 8 7' },
];

/** Places that are part of another one in the navigation. */
const within: Partial<Record<Place['name'], Row['name']>> = {
  session: 'now',
  report: 'reports',
  person: 'people',
};

/** A phone has room for five at its lower edge: where there are more, the last of them opens the others. */
const besideMore = 4;

const pathOf = (name: Row['name']) => (name === 'now' ? root : root + name);

export function Shell({ me }: { me: Me }): JSX.Element {
  const place = placeAt(path.value);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const settings = useLive('config.list', {}, ['setting']);
  const title = settings.data?.find(({ name }) => name === 'serverTitle')?.text || t('app.name');
  const active = within[place.name] ?? place.name;
  const reports = useLive('report.list', isLacking('report.list') ? undefined : {}, ['report']);
  const open = reports.data?.length ?? 0;
  const notices = useNotices(reports.data);
  const waiting = open + notices.length;
  const row = rows.find(({ name }) => name === active);
  const isMore = useSignal(false);
  const closeMore = () => {
    isMore.value = false;
  };
  const mine = rows.filter(({ isForAdministrators }) => !isForAdministrators || me.role === 'administrator');
  const onPhone = mine.length > besideMore + 1 ? besideMore : mine.length;
  useEffect(() => {
    const count = waiting > 0 ? `(${number(waiting)}) ` : '';
    document.title = row ? `${count}${t(row.text)} – ${title}` : `${count}${title}`;
  });
  // after a change of place a screen reader continues there
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [path.value]);
  return (
    <>
      <a class="visually-hidden skip" href="#content">
        {t('app.skip')}
      </a>
      <div class="shell">
        <header class="side">
          <div class="bar">
            <a class="brand" href={root} aria-label={title}>
              <Mark />
              <Bdi>{title}</Bdi>
            </a>
            <ServerChoice me={me} />
          </div>
          <nav class="places" aria-label={t('app.name')}>
            {mine.map((each, index) => (
              <PlaceLink
                key={each.name}
                row={each}
                active={active}
                isRare={index >= onPhone}
                count={each.name === 'reports' ? open : 0}
              />
            ))}
            {mine.length > onPhone && (
              <button
                type="button"
                class="only-phone"
                aria-current={mine.findIndex(({ name }) => name === active) >= onPhone ? 'page' : undefined}
                onClick={() => {
                  isMore.value = true;
                }}
              >
                <Drawing path="M5 12h.01M12 12h.01M19 12h.01" />
                {t('place.more')}
              </button>
            )}
          </nav>
        </header>
        <main id="content" tabIndex={-1} ref={main}>
          <StreamBanner />
          <Content place={place} me={me} />
        </main>
      </div>
      {isMore.value && (
        <Sheet title={t('place.more')} onClose={closeMore}>
          <nav aria-label={t('place.more')}>
            <ul class="list">
              {mine.slice(onPhone).map((each) => (
                <li key={each.name}>
                  <a class="item" href={pathOf(each.name)} onClick={() => setTimeout(closeMore)}>
                    <Drawing path={each.drawing} />
                    {t(each.text)}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </Sheet>
      )}
      <Toasts />
    </>
  );
}

function PlaceLink({
  row: { name, text, drawing },
  active,
  isRare,
  count,
}: {
  row: Row;
  active: string;
  isRare: boolean;
  /** What waits there. */
  count: number;
}): JSX.Element {
  return (
    <a href={pathOf(name)} class={isRare ? 'rare' : ''} aria-current={name === active ? 'page' : undefined}>
      <Drawing path={drawing} />
      <span class="clip">{t(text)}</span>
      {count > 0 && (
        <span class="count">
          <span aria-hidden="true">{number(count)}</span>
          <span class="visually-hidden">{tn('reports.count', count)}</span>
        </span>
      )}
    </a>
  );
}

/** 24 by 24. */
function Drawing({ path: d }: { path: string }): JSX.Element {
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={d} />
    </svg>
  );
}

function Content({ place, me }: { place: Place; me: Me }): JSX.Element {
  switch (place.name) {
    case 'now':
      return <NowPlace me={me} />;
    case 'session':
      return <SessionPlace key={place.id} id={place.id} me={me} />;
    case 'reports':
      return <ReportsPlace />;
    case 'report':
      return <ReportPlace key={place.id} id={place.id} me={me} />;
    case 'person':
      return <PersonPlace key={place.id} name={place.id} me={me} />;
    case 'people':
      return <PeoplePlace me={me} />;
    case 'bans':
      return <BansPlace me={me} />;
    case 'me':
      return <MePlace me={me} />;
    case 'log':
      if (me.role === 'administrator') return <LogPlace />;
      break;
    case 'accounts':
      if (me.role === 'administrator') return <AccountsPlace me={me} />;
      break;
    case 'files':
      if (me.role === 'administrator') return <FilesPlace />;
      break;
    case 'settings':
      if (me.role === 'administrator') return <SettingsPlace />;
  }
  return (
    <div class="stack">
      <h1>{t('notFound.title')}</h1>
      <p>
        <a href={root}>{t('notFound.back')}</a>
      </p>
    </div>
  );
}

function StreamBanner(): JSX.Element {
  return (
    <div
      role="status"
      class={stream.value === 'live' || stream.value === 'connecting' ? 'visually-hidden' : ''}
    >
      {stream.value === 'lost' && <p class="banner">{t('stream.lost')}</p>}
      {stream.value === 'unsupported' && (
        <div class="banner row apart">
          {t('stream.unsupported')}
          <button
            type="button"
            class="button"
            onClick={() => {
              changes.value++;
            }}
          >
            {t('action.refresh')}
          </button>
        </div>
      )}
    </div>
  );
}
