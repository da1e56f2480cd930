// The chat of a session, both ways. What others say comes with the events; drafts stay until they are sent.

import { type Signal, signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { call, type Me } from '../api.js';
import { dp } from '../commands.js';
import { type Happening, listen } from '../live.js';
import { Bdi, Commands, useAction } from '../parts.js';
import { t } from '../texts/texts.js';

export interface Line {
  readonly text: string;
  /** '' : an administrator. */
  readonly by: string;
}

const linesAtMost = 500;
/** Of sessions whose page was open, while the app is. */
const chats = new Map<string, Signal<readonly Line[]>>();
const drafts = new Map<string, string>();

function chatOf(session: string): Signal<readonly Line[]> {
  let chat = chats.get(session);
  if (!chat) {
    chat = signal([]);
    chats.set(session, chat);
  }
  return chat;
}

listen((happening) => {
  const line = lineOf(happening);
  if (!line) return;
  const chat = chatOf(line.session);
  chat.value = [...chat.value.slice(1 - linesAtMost), line];
});

function lineOf({ kind, data }: Happening): (Line & { session: string }) | undefined {
  const { session, text, name = '' } = data;
  if (kind !== 'chat' || typeof session !== 'string' || typeof text !== 'string') return undefined;
  return { session, text, by: String(name) };
}

export function Chat({ session, me }: { session: string; me: Me }): JSX.Element {
  const draft = useSignal(drafts.get(session) ?? '');
  const lines = chatOf(session).value;
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const { run, isRunning, problem } = useAction();
  useEffect(() => void drafts.set(session, draft.value), [draft.value]);
  useLayoutEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines.length]);
  const send = async () => {
    const text = draft.value.trim();
    await call('session.message', { session, text });
    draft.value = '';
  };
  return (
    <>
      <div
        class="chat"
        role="log"
        aria-label={t('session.chat')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it
        tabIndex={0}
        ref={list}
        onScroll={({ currentTarget: at }) => {
          isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
        }}
      >
        {lines.length === 0 && <p class="event">{t('session.chatEmpty')}</p>}
        {lines.map(({ text, by }, index) => (
          <p key={`${index}`} class={by === '' ? 'ours' : ''}>
            <strong class="small">
              <Bdi>{by === '' ? me.name : by}</Bdi>
            </strong>
            <br />
            <span dir="auto">{text}</span>
          </p>
        ))}
      </div>
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
      <Commands lines={[dp('session message', [session, draft.value.trim() || '…'])]} />
    </>
  );
}
