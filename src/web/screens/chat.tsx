// The chat of a session, as it is said: what was said last, then what comes by the events. What is typed stays until it
// is sent. A drawpile-srv has conversations instead, which begin with what an administrator says first.

import { useSignal } from '@preact/signals';
import { Component, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { listen, useLive } from '../live.js';
import { Bdi, Commands, exactOnHover, Lacking, useAction } from '../parts.js';
import { type Language, language, t } from '../texts/texts.js';

export type Line = OutputOf<'chat.recent'>[number];
const drafts = new Map<string, string>();
/** Beyond, the oldest go. */
const linesAtMost = 500;
/** So many of the newest are in the page; as many more where one scrolls up to their beginning. */
const drawnAtOnce = 100;
const nearPixels = 40;

export function Chat({ session, me }: { session: string; me: Me }): JSX.Element {
  const isOld = isLacking('chat.recent');
  const draft = useSignal(drafts.get(session) ?? '');
  const { run, isRunning, problem } = useAction();
  useEffect(() => void drafts.set(session, draft.value), [draft.value]);
  const mayOpenConversation = me.role === 'administrator' && !isLacking('chat.say');
  const send = async () => {
    const text = draft.value.trim();
    if (isOld && mayOpenConversation) await openConversation(session, text);
    else await call('session.message', { session, text });
    draft.value = '';
  };
  return (
    <>
      {!isOld ? (
        <Said session={session} />
      ) : mayOpenConversation ? (
        <Conversation session={session} />
      ) : (
        <Lacking of={['chat.recent']} />
      )}
      {problem}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (draft.value.trim() !== '') void run(send);
        }}
      >
        <input
          class="grow"
          dir="auto"
          aria-label={t('session.say')}
          placeholder={t('session.say')}
          value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="button first" disabled={isRunning || draft.value.trim() === ''}>
          {t('session.send')}
        </button>
      </form>
      <Commands
        lines={[
          ...(isOld ? [] : [dp('session chat', [session])]),
          dp('session message', [session, draft.value.trim() || '…']),
        ]}
      />
    </>
  );
}

const keyOf = ({ when, user, name }: Line) => `${when} ${user} ${name}`;

function Said({ session }: { session: string }): JSX.Element {
  const recent = useLive('chat.recent', { session }, []);
  const [heard, setHeard] = useState<readonly Line[]>([]);
  useEffect(
    () =>
      listen(({ kind, data }) => {
        if (kind !== 'chat' || data.session !== session) return;
        const { when, user = 0, name, text, isAction = false } = data as unknown as Line;
        setHeard((lines) => [...lines.slice(-linesAtMost), { when, user, name, text, isAction }]);
      }),
    [session],
  );
  const known = new Set(recent.data?.map(keyOf));
  const lines = [...(recent.data ?? []), ...heard.filter((line) => !known.has(keyOf(line)))]
    .sort((a, b) => a.when - b.when)
    .slice(-linesAtMost);
  return <Lines lines={lines} empty={t('session.chatQuiet')} />;
}

/** What was said, the newest in view unless somebody reads what was before. */
export function Lines({
  lines,
  empty,
  isShort = false,
}: {
  lines: readonly Line[];
  empty: string;
  /** As high as its lines. */
  isShort?: boolean;
}): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [drawn, setDrawn] = useState(drawnAtOnce);
  /** Pixels from what is read to the end, while lines come before it. */
  const below = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (list.current && below.current !== undefined) {
      list.current.scrollTop = list.current.scrollHeight - below.current;
    }
    below.current = undefined;
  }, [drawn]);
  useLayoutEffect(() => {
    // with the next picture, which lays out the page anyway
    const frame = requestAnimationFrame(() => {
      if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
    });
    return () => cancelAnimationFrame(frame);
  }, [lines.at(-1)]);
  return (
    <div
      class={isShort ? 'chat short' : 'chat'}
      role="log"
      aria-label={t('session.chat')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it
      tabIndex={0}
      ref={list}
      onScroll={({ currentTarget: at }) => {
        const end = at.scrollHeight - at.scrollTop;
        isAtEnd.current = end - at.clientHeight < nearPixels;
        if (isAtEnd.current) setDrawn(drawnAtOnce);
        else if (at.scrollTop < nearPixels && drawn < lines.length) {
          below.current = end;
          setDrawn(drawn + drawnAtOnce);
        }
      }}
    >
      {lines.length === 0 && <p class="event">{empty}</p>}
      {lines.slice(-drawn).map((line) => (
        <SaidLine key={numberOf(line)} line={line} in={language.value} />
      ))}
    </div>
  );
}

const numbers = new WeakMap<Line, number>();
let lastNumber = 0;

/** The same as long as the line is there: places change when the oldest go. */
function numberOf(line: Line): number {
  const known = numbers.get(line);
  if (known !== undefined) return known;
  numbers.set(line, ++lastNumber);
  return lastNumber;
}

/** What was said does not change: of hundreds of lines, only a new one is drawn. */
class SaidLine extends Component<{ line: Line; in: Language }> {
  override shouldComponentUpdate(next: { line: Line; in: Language }): boolean {
    return next.line !== this.props.line || next.in !== this.props.in;
  }

  override render(): JSX.Element {
    const { when, name, text, isAction } = this.props.line;
    return (
      <p class={name === '' ? 'ours' : ''} {...(when > 0 && exactOnHover(when))}>
        <strong class="small">{name === '' ? t('me.role.administrator') : <Bdi>{name}</Bdi>}</strong>
        <br />
        <span dir="auto" class={isAction ? 'action' : ''}>
          {text}
        </span>
      </p>
    );
  }
}

function Conversation({ session }: { session: string }): JSX.Element {
  const { data } = useLive(
    'chat.read',
    { session },
    ['chat'],
    (happening) => happening.data.session === session,
  );
  const lines = data?.messages.map(({ m, i = 0, n = '', f }) => ({
    when: 0,
    user: i,
    name: n,
    text: m,
    isAction: f === 2,
  }));
  return <Lines lines={lines ?? []} empty={t('session.chatEmpty')} />;
}

/** In the conversation that is open, or as its beginning. */
async function openConversation(session: string, message: string): Promise<void> {
  try {
    await call('chat.say', { session, message });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'chat-not-open') throw error;
    await call('chat.open', { session, message });
  }
}
