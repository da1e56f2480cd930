// Several servers in one app: which one is shown, and how all of them are.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { callAt, chooseServer, chosenServer, type Me, type OutputOf } from './api.js';
import { Bdi, Chip } from './parts.js';
import { Sheet } from './sheet.js';
import { t, tn } from './texts/texts.js';

const nameOf = (server: string) => (server === '' ? t('server.here') : server);

/** Nothing where the app is for one server. */
export function ServerChoice({ me }: { me: Me }): JSX.Element | null {
  const { servers = [] } = me;
  const isOpen = useSignal(false);
  if (servers.length < 2) return null;
  const chosen = chosenServer() ?? servers[0] ?? '';
  return (
    <>
      <button
        type="button"
        class="button server-choice"
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <span class="visually-hidden">{t('server.title')}: </span>
        <span class="clip">
          <Bdi>{nameOf(chosen)}</Bdi>
        </span>
        <svg
          width="12"
          height="12"
          viewBox="0 0 12 12"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-linecap="round"
          aria-hidden="true"
        >
          <path d="M2 4l4 4 4-4" />
        </svg>
      </button>
      {isOpen.value && (
        <Sheet
          title={t('server.all')}
          onClose={() => {
            isOpen.value = false;
          }}
        >
          <ul class="list">
            {servers.map((server) => (
              <li key={server}>
                <button
                  type="button"
                  class="item"
                  aria-current={server === chosen ? 'true' : undefined}
                  onClick={() => chooseServer(server)}
                >
                  <ServerRow server={server} isChosen={server === chosen} />
                </button>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

interface State {
  readonly status?: OutputOf<'server.status'>;
  /** Open ones. */
  readonly reports?: number;
  readonly isAway?: true;
}

function ServerRow({ server, isChosen }: { server: string; isChosen: boolean }): JSX.Element {
  const state = useSignal<State>({});
  useEffect(() => {
    const add = (more: State) => {
      state.value = { ...state.value, ...more };
    };
    callAt(server, 'server.status', {}).then(
      (status) => add({ status }),
      () => add({ isAway: true }),
    );
    callAt(server, 'report.list', {}).then(
      (reports) => add({ reports: reports.length }),
      // a drawpile-srv has none
      () => undefined,
    );
  }, [server]);
  const { status, reports = 0, isAway } = state.value;
  const problems = status?.problems.length ?? 0;
  return (
    <>
      <span class="grow">
        <strong class="clip block">
          <Bdi>{nameOf(server)}</Bdi>
        </strong>
        <span class="soft small">
          {status ? tn('session.people', status.usersInSessions) : t(isAway ? 'server.awayText' : 'loading')}
        </span>
      </span>
      {isChosen && <Chip kind="mark">{t('server.shown')}</Chip>}
      {reports > 0 && <Chip kind="warn">{tn('reports.count', reports)}</Chip>}
      {isAway && <Chip kind="bad">{t('server.away')}</Chip>}
      {status && (
        <Chip kind={problems === 0 ? 'good' : 'bad'}>
          {t(problems === 0 ? 'now.healthy' : 'now.problems')}
        </Chip>
      )}
    </>
  );
}
