// Everybody who is connected, with a search over what is known of them.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Me, OutputOf } from '../api.js';
import { useKept, useLive } from '../live.js';
import { Bdi, Empty, Face, hasWords, Loading, Search } from '../parts.js';
import { filter, setFilter } from '../router.js';
import { compared, t, tn } from '../texts/texts.js';
import { VirtualList } from '../virtual-list.js';
import { RoleChips } from './person-actions.js';
import { PersonSheet } from './person-sheet.js';

/** A drawpile-srv 2.1 has no ids of connections. */
const keyOf = ({ uid, session, id }: OutputOf<'online.list'>[number]) => uid || `${session} ${id}`;

export function PeoplePlace({ me }: { me: Me }): JSX.Element {
  const people = useLive('online.list', {}, ['person']);
  const sessions = useLive('session.list', {}, ['session']);
  const chosen = useSignal<string | undefined>(undefined);
  const { item: person, isGone } = useKept(
    people.data?.find((each) => keyOf(each) === chosen.value),
    chosen.value !== undefined,
  );
  if (!people.data) return <Loading title={t('people.title')} of={people} retry={people.refresh} />;
  const words = filter('search');
  const titles = new Map(
    sessions.data?.map(({ id, title, alias }) => [id, title.trim() || alias || t('session.untitled')]),
  );
  const shown = people.data
    .filter(({ name, ip, s, session }) => hasWords(`${name} ${ip} ${s} ${titles.get(session) ?? ''}`, words))
    .sort((a, b) => compared(a.name, b.name));
  return (
    <>
      <div class="row apart">
        <h1>{t('people.title')}</h1>
        <span class="soft">{tn('people.count', people.data.length)}</span>
      </div>
      {people.data.length === 0 ? (
        <Empty title={t('people.empty')}>
          <p class="soft">{t('people.emptyText')}</p>
        </Empty>
      ) : (
        <>
          <Search label={t('people.search')} value={words} onInput={(text) => setFilter('search', text)} />
          {shown.length === 0 ? (
            <p class="soft">{t('people.none', { text: words })}</p>
          ) : (
            <VirtualList
              items={shown}
              keyOf={keyOf}
              label={t('people.title')}
              rowHeight={66}
              render={(each) => (
                <button
                  type="button"
                  class="item"
                  onClick={() => {
                    chosen.value = keyOf(each);
                  }}
                >
                  <Face name={each.name} />
                  <span class="grow">
                    <strong class="line">
                      <Bdi>{each.name || '…'}</Bdi>
                    </strong>
                    <span class="soft small where">
                      <span class="line">
                        <Bdi>{titles.get(each.session) ?? t('person.connected')}</Bdi>
                      </span>
                      <span class="mono">{each.ip}</span>
                    </span>
                  </span>
                  <RoleChips person={each} />
                </button>
              )}
            />
          )}
        </>
      )}
      {person && (
        <PersonSheet
          person={person}
          session={person.session}
          me={me}
          isPresent={!isGone}
          onClose={() => {
            chosen.value = undefined;
          }}
        />
      )}
    </>
  );
}
