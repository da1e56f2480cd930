// A ban from the server: what it hits is shown before anybody is banned.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, call, type InputOf, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Chip, Choice, Commands, Lacking, Problem, TextField, useAction } from '../parts.js';
import { number, t, tn } from '../texts/texts.js';

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
  onDone,
}: {
  me: Me;
  target?: { kind: Kind; text: string };
  clientId?: string;
  comment?: string;
  existing?: Ban;
  onDone: (ban: Ban) => void;
}): JSX.Element {
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
    if (existing) {
      const change = {
        comment: comment.value,
        ...(kind.value !== 'ip' && { reason: reason.value }),
        ...(length.value !== 'keep' && { expires: expires() }),
      };
      onDone(await call('ban.change', { kind: existing.kind, id: existing.id, change }));
      return;
    }
    onDone(
      await call('ban.add', wishOf(kind.value, text.value.trim(), expires(), comment.value, reason.value)),
    );
  };
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
      {kind.value === 'ip' && !existing && <Hits address={text.value.trim()} />}
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
      <button
        type="submit"
        class="button danger"
        disabled={isRunning || (existing !== undefined && isLacking('ban.change'))}
      >
        {t(existing ? 'action.save' : 'bans.add')}
      </button>
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

function wishOf(
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
        {seen.length > 0 && `: ${[...new Set(seen.map(({ name }) => name))].slice(0, 8).join(', ')}`}.
      </p>
      {hasLoopback && <Chip kind="bad">{t('bans.loopback')}</Chip>}
      {coveredBy.length > 0 && <Chip kind="warn">{t('bans.covered')}</Chip>}
    </div>
  );
}
