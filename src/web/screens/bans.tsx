// Bans from the server: search, edit, lift, and explain an address.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { useKept, useLive } from '../live.js';
import {
  Bdi,
  Chip,
  Choice,
  Commands,
  Empty,
  hasWords,
  Loading,
  now,
  Search,
  toast,
  undoable,
  useAction,
} from '../parts.js';
import { filter, setFilter } from '../router.js';
import { Sheet } from '../sheet.js';
import { ago, exact, joined, t } from '../texts/texts.js';
import { VirtualList } from '../virtual-list.js';
import { BanExchange } from './ban-exchange.js';
import { type Ban, BanForm, banInput } from './ban-form.js';

type Status = 'active' | 'expired' | 'all';

export function BansPlace({ me }: { me: Me }): JSX.Element {
  const bans = useLive('ban.list', { withExpired: true }, ['ban']);
  const editing = useSignal<string | undefined>(undefined);
  const kept = useKept(
    bans.data?.find(({ ref }) => ref === editing.value),
    editing.value !== undefined && editing.value !== 'new',
  );
  if (!bans.data) return <Loading title={t('bans.title')} of={bans} retry={bans.refresh} />;
  const words = filter('search');
  const wanted = filter('status');
  const status: Status = wanted === 'expired' || wanted === 'all' ? wanted : 'active';
  const shown = bans.data.filter(
    ({ isActive, target, comment, reason, ref }) =>
      (status === 'all' || isActive === (status === 'active')) &&
      hasWords(`${ref} ${target} ${comment} ${reason}`, words),
  );
  const { item: ban, isGone } = kept;
  const close = () => {
    editing.value = undefined;
  };
  const done = () => {
    close();
    bans.refresh();
  };
  return (
    <>
      <div class="row apart">
        <h1>{t('bans.title')}</h1>
        <div class="row">
          <BanExchange onDone={bans.refresh} />
          <button
            type="button"
            class="button first"
            onClick={() => {
              editing.value = 'new';
            }}
          >
            {t('bans.new')}
          </button>
        </div>
      </div>
      {bans.data.length === 0 ? (
        <Empty title={t('bans.empty')}>
          <p class="soft">{t('bans.emptyText')}</p>
        </Empty>
      ) : (
        <>
          <Search label={t('bans.search')} value={words} onInput={(text) => setFilter('search', text)} />
          <Choice<Status>
            label={t('bans.title')}
            options={[
              ['active', t('bans.active')],
              ['expired', t('bans.expired')],
              ['all', t('bans.all')],
            ]}
            value={status}
            onChoose={(chosen) => setFilter('status', chosen === 'active' ? '' : chosen)}
          />
          <Explanation text={words.trim()} />
          {shown.length === 0 ? (
            <p class="soft">{t('bans.none')}</p>
          ) : (
            <VirtualList
              items={shown}
              keyOf={({ ref }) => ref}
              label={t('bans.title')}
              rowHeight={66}
              render={(each) => (
                <button
                  type="button"
                  class="item"
                  onClick={() => {
                    editing.value = each.ref;
                  }}
                >
                  <BanWords ban={each} />
                </button>
              )}
            />
          )}
        </>
      )}
      {editing.value === 'new' && (
        <Sheet title={t('bans.new')} onClose={close}>
          <BanForm me={me} onDone={done} />
        </Sheet>
      )}
      {ban && (
        <Sheet title={t('bans.edit')} onClose={close}>
          <BanForm key={ban.ref} me={me} existing={ban} isGone={isGone} onDone={done} />
          {!isGone && <Lift ban={ban} me={me} onDone={done} />}
        </Sheet>
      )}
    </>
  );
}

/** Such as "ends in 3 days". */
function End({ ban: { isActive, expires } }: { ban: Ban }): JSX.Element {
  if (!isActive) return <>{t('bans.expired.chip')}</>;
  if (expires === null) return <>{t('bans.endless')}</>;
  const moment = Number(new Date(expires));
  return <time title={exact(moment)}>{t('bans.ends', { time: ago(moment, now.value) })}</time>;
}

function BanWords({ ban }: { ban: Ban }): JSX.Element {
  return (
    <>
      <span class="grow">
        <strong class="mono">{ban.target}</strong>
        {(ban.comment || ban.reason) && (
          <>
            <br />
            <span class="soft small">
              <Bdi>{joined([ban.comment, ban.reason], ' · ')}</Bdi>
            </span>
          </>
        )}
      </span>
      {ban.kind !== 'ip' && <Chip>{t(`bans.kind.${ban.kind}`)}</Chip>}
      <Chip kind={ban.isActive ? 'mark' : ''}>
        <End ban={ban} />
      </Chip>
    </>
  );
}

/** Can be taken back by whoever may make such a ban. */
async function lift(ban: Ban, me: Me): Promise<void> {
  const { kind, id, target, expires } = ban;
  const text = t('bans.removed', { target });
  if (expires === null && me.role !== 'administrator') {
    await call('ban.remove', { refs: [{ kind, id }] });
    toast(text);
    return;
  }
  let ref = { kind, id };
  await undoable(
    () => text,
    () => t('bans.added', { target }),
    async () => {
      await call('ban.remove', { refs: [ref] });
      return async () => {
        const again = await call('ban.add', banInput(kind, target, expires, ban.comment, ban.reason));
        ref = { kind: again.kind, id: again.id };
      };
    },
  );
}

function Lift({ ban, me, onDone }: { ban: Ban; me: Me; onDone: () => void }): JSX.Element {
  const { run, isRunning, problem } = useAction();
  return (
    <div class="stack">
      {problem}
      <div>
        <button
          type="button"
          class="button"
          disabled={isRunning}
          onClick={() => void run(() => lift(ban, me)).then((isDone) => isDone && onDone())}
        >
          {t('bans.lift')}
        </button>
      </div>
      <Commands lines={[dp('ban remove', [ban.ref])]} />
    </div>
  );
}

/** Where the search is an address: whether it is banned, and by what. */
function Explanation({ text }: { text: string }): JSX.Element | null {
  const [found, setFound] = useState<OutputOf<'ban.explain'>>();
  useEffect(() => {
    setFound(undefined);
    if (isLacking('ban.explain') || !/^[0-9a-f:.]*[.:][0-9a-f:.]+$/i.test(text)) return;
    let isOver = false;
    const timer = setTimeout(() => {
      call('ban.explain', { address: text }).then(
        (explanation) => !isOver && setFound(explanation),
        () => undefined,
      );
    }, 300);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [text]);
  if (!found) return null;
  return (
    <div class="card stack" role="status">
      <p>{t(found.isBanned ? 'bans.explainYes' : 'bans.explainNo', { address: found.address })}</p>
      {found.matching.map(({ ref, why }) => (
        <p key={ref} class="small">
          <span class="mono">{ref}</span> {why}
        </p>
      ))}
      <Commands lines={[dp('ban explain', [found.address])]} />
    </div>
  );
}
