// A ban from the server: what it hits is shown before anybody is banned.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, call, type InputOf, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import {
  Bdi,
  Choice,
  Commands,
  Lacking,
  Problem,
  TextField,
  Time,
  toast,
  undoable,
  useAction,
} from '../parts.js';
import { joined, number, t, tn } from '../texts/texts.js';

export type Ban = OutputOf<'ban.list'>[number];
type Kind = Ban['kind'];
const dayMs = 86_400_000;
const lengths = { '1': 'bans.day', '7': 'bans.week', '30': 'bans.month' } as const;
type Length = keyof typeof lengths | 'never' | 'keep';

/** A new ban, or one that exists. */
export function BanForm({
  me,
  target,
  clientId = '',
  comment: firstComment = '',
  existing,
  isGone = false,
  done,
  undone,
  onCancel,
  onDone,
}: {
  me: Me;
  target?: { kind: Kind; text: string };
  clientId?: string;
  comment?: string;
  /** As it is now: somebody else may change it meanwhile. */
  existing?: Ban;
  /** Somebody else has lifted it: it is added again. */
  isGone?: boolean;
  /** What is said about it then, and when it was taken back; left out: with its target. */
  done?: string;
  undone?: string;
  onCancel?: () => void;
  onDone: () => void;
}): JSX.Element {
  const [atFirst] = useState(existing);
  const kind = useSignal<Kind>(existing?.kind ?? target?.kind ?? 'ip');
  const text = useSignal(existing?.target ?? target?.text ?? '');
  const length = useSignal<Length>(existing ? 'keep' : '7');
  const comment = useSignal(existing?.comment ?? firstComment);
  const reason = useSignal(existing?.reason ?? '');
  const { run, isRunning, problem } = useAction();
  const expires = (): number | null =>
    length.value === 'never' ? null : Date.now() + Number(length.value) * dayMs;
  const kinds: [Kind, string][] = [
    ['ip', t('bans.kind.ip')],
    ...(isLacking('ban.add:client') ? [] : [['client', t('bans.kind.client')] as [Kind, string]]),
    ...(target || isLacking('ban.add:user') ? [] : [['user', t('bans.kind.user')] as [Kind, string]]),
  ];
  const lengthChoices: [Length, string][] = [
    ...(existing ? [['keep', t('bans.keep')] as [Length, string]] : []),
    ...(Object.entries(lengths) as [keyof typeof lengths, 'bans.day'][]).map(
      ([days, key]) => [days, t(key)] as [Length, string],
    ),
    // bans without an end are the administrators'
    ...(me.role === 'administrator' ? [['never', t('bans.never')] as [Length, string]] : []),
  ];
  const submit = async () => {
    if (existing && !isGone) {
      const { kind, id, target } = existing;
      const was = { comment: existing.comment, ...(kind !== 'ip' && { reason: existing.reason }) };
      const change = {
        comment: comment.value,
        ...(kind !== 'ip' && { reason: reason.value }),
        ...(length.value !== 'keep' && { expires: expires() }),
      };
      const back = { ...was, ...(length.value !== 'keep' && { expires: existing.expires }) };
      // only administrators may make bans that never expire, also those that were one
      const mayTakeBack = back.expires !== null || me.role === 'administrator';
      const make = () => call('ban.change', { kind, id, change });
      if (!mayTakeBack) {
        await make();
        toast(t('bans.changed'));
      } else {
        await undoable(
          () => t('bans.changed'),
          () => t('undone.change', { target }),
          async () => {
            await make();
            return () => call('ban.change', { kind, id, change: back });
          },
        );
      }
    } else {
      let target = text.value.trim();
      const until = length.value === 'keep' ? (existing?.expires ?? null) : expires();
      const input = banInput(kind.value, target, until, comment.value, reason.value);
      await undoable(
        () => done ?? t('bans.added', { target }),
        () => undone ?? t('bans.removed', { target }),
        async () => {
          const made = await call('ban.add', input);
          const { kind, id } = made;
          // as the server understood it: of a network, its first address
          target = made.target;
          return () => call('ban.remove', { refs: [{ kind, id }] });
        },
      );
    }
    onDone();
  };
  const isElsewhere = existing && atFirst && wordsIn(existing) !== wordsIn(atFirst);
  const flags = {
    expires: length.value === 'keep' ? undefined : length.value === 'never' ? 'never' : `${length.value}d`,
    comment: comment.value,
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(submit);
      }}
    >
      {isGone ? (
        <p class="banner" role="status">
          {t('bans.gone')}
        </p>
      ) : (
        isElsewhere && (
          <p class="banner" role="status">
            {t('bans.elsewhere')} <BanFacts ban={existing} />
          </p>
        )
      )}
      {!existing && (
        <Choice
          label={t('bans.title')}
          options={kinds}
          value={kind.value}
          onChoose={(chosen) => {
            kind.value = chosen;
            if (target) text.value = chosen === 'client' ? clientId : target.text;
          }}
        />
      )}
      {existing ? <Lacking of={['ban.change']} /> : <Lacking of={['ban.add:client']} />}
      <TextField
        label={t(`bans.target.${kind.value}`)}
        text={text}
        class="mono"
        required
        disabled={existing !== undefined}
      />
      {kind.value === 'ip' && !existing && (
        <>
          <Reach
            address={text.value.trim()}
            onChoose={(chosen) => {
              text.value = chosen;
            }}
          />
          <Hits address={text.value.trim()} />
        </>
      )}
      <div class="field">
        <span class="label">{t('bans.expires')}</span>
        <Choice
          label={t('bans.expires')}
          options={lengthChoices}
          value={length.value}
          onChoose={(chosen) => {
            length.value = chosen;
          }}
        />
      </div>
      {kind.value !== 'ip' && <TextField label={t('bans.reason')} text={reason} />}
      <TextField label={t('bans.comment')} text={comment} />
      {problem}
      <div class="row">
        <button
          type="submit"
          class={`button ${existing && !isGone ? 'first' : 'danger'}`}
          disabled={isRunning || (existing !== undefined && isLacking('ban.change'))}
        >
          {t(existing && !isGone ? 'action.save' : 'bans.add')}
        </button>
        {onCancel && (
          <button type="button" class="button" onClick={onCancel}>
            {t('action.cancel')}
          </button>
        )}
      </div>
      <Commands
        lines={[
          existing
            ? dp('ban edit', [existing.ref], {
                ...flags,
                reason: kind.value === 'ip' ? undefined : reason.value,
              })
            : dp(`ban ${kind.value}`, [text.value.trim()], {
                ...flags,
                reason: kind.value === 'ip' ? undefined : reason.value,
              }),
        ]}
      />
    </form>
  );
}

const wordsIn = ({ comment, reason, expires }: Ban) => JSON.stringify([comment, reason, expires]);

/** What somebody else made of it meanwhile. */
function BanFacts({ ban }: { ban: Ban }): JSX.Element {
  return (
    <span class="small">
      <Bdi>{joined([ban.comment, ban.reason], ' · ') || '–'}</Bdi>
      {' · '}
      {ban.expires === null ? t('bans.never') : <Time at={ban.expires} />}
    </span>
  );
}

/** How far a ban of this address could reach: itself, and the networks around it that providers give to one customer. */
function Reach({
  address,
  onChoose,
}: {
  address: string;
  onChoose: (text: string) => void;
}): JSX.Element | null {
  const [base = '', bits = ''] = address.split('/', 2);
  const isV6 = base.includes(':');
  if (!isV6 && !/^\d+\.\d+\.\d+\.\d+$/.test(base)) return null;
  const options: [string, string][] = [
    ['', t('bans.reach.single')],
    ...(isV6 ? ['64', '56', '48'] : ['28', '24', '16']).map((each) => [each, `/${each}`] as [string, string]),
  ];
  return (
    <Choice
      label={t('bans.reach')}
      options={options}
      value={bits === '32' || bits === '128' ? '' : bits}
      onChoose={(chosen) => onChoose(chosen === '' ? base : `${base}/${chosen}`)}
    />
  );
}

export function banInput(
  kind: Kind,
  target: string,
  expires: number | null,
  comment: string,
  reason: string,
): InputOf<'ban.add'> {
  if (kind === 'client') return { kind, sid: target, expires, comment, reason };
  if (kind === 'user') return { kind, userId: Number(target), expires, comment, reason };
  return { kind: 'ip', ...subnetOf(target), expires, comment };
}

/** `10.0.0.0/8` is an address and the length of its prefix. */
export function subnetOf(text: string): { address: string; bits?: number } {
  const [address = '', bits] = text.split('/', 2);
  return bits !== undefined && /^\d+$/.test(bits) ? { address, bits: Number(bits) } : { address: text };
}

/** How many addresses a ban would hit, and who was seen there. */
function Hits({ address }: { address: string }): JSX.Element | null {
  const [state, setState] = useState<{ preview?: OutputOf<'ban.preview'>; error?: ApiError }>({});
  useEffect(() => {
    if (address === '' || isLacking('ban.preview')) return setState({});
    let isOver = false;
    const timer = setTimeout(() => {
      call('ban.preview', subnetOf(address)).then(
        (preview) => !isOver && setState({ preview }),
        (error: ApiError) => !isOver && setState({ error }),
      );
    }, 250);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [address]);
  if (state.error) return <Problem error={state.error} />;
  if (!state.preview) return null;
  const { addresses, seen, hasLoopback, coveredBy, isSingle, first, last } = state.preview;
  const count = Number(addresses);
  return (
    <div class="stack small" role="status">
      <p>
        {t(count === 1 ? 'bans.hits.one' : 'bans.hits.other', {
          n: Number.isSafeInteger(count) ? number(count) : addresses,
        })}
        {!isSingle && (
          <span class="mono soft">
            {' '}
            {first} – {last}
          </span>
        )}
        {'. '}
        {tn('bans.seen', seen.length)}
        {seen.length > 0 && `: ${joined([...new Set(seen.map(({ name }) => name))].slice(0, 8))}`}.
      </p>
      {hasLoopback && <p class="banner bad">{t('bans.loopback')}</p>}
      {coveredBy.length > 0 && <p class="banner">{t('bans.covered')}</p>}
    </div>
  );
}
