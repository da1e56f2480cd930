// The chat of a session. Administrators talk with it: the conversation begins with what they say first, and lasts while
// somebody reads it. Moderators send messages. Drafts stay until they are sent.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { ApiError, call, isLacking, type Me } from '../api.js';
import { dp } from '../commands.js';
import { useLive } from '../live.js';
import { Bdi, Commands, Lacking, toast, useAction } from '../parts.js';
import { t } from '../texts/texts.js';

const drafts = new Map<string, string>();

export function Chat({ session, me }: { session: string; me: Me }): JSX.Element {
  const mayRead = me.role === 'administrator' && !isLacking('chat.read');
  const draft = useSignal(drafts.get(session) ?? '');
  const { data } = useLive(
    'chat.read',
    mayRead ? { session } : undefined,
    ['chat'],
    (happening) => happening.data.session === session,
  );
  const lines = data?.messages ?? [];
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const { run, isRunning, problem } = useAction();
  useEffect(() => void drafts.set(session, draft.value), [draft.value]);
  useLayoutEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines.length]);
  const send = async () => {
    const message = draft.value.trim();
    if (mayRead) await converse(session, message);
    else {
      await call('session.message', { session, text: message });
      toast(t('session.sent'));
    }
    draft.value = '';
  };
  return (
    <>
      {mayRead && (
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
          {lines.map(({ m, n }, index) => (
            <p key={`${index}`} class={n === undefined ? 'ours' : ''}>
              <strong class="small">{n === undefined ? t('me.role.administrator') : <Bdi>{n}</Bdi>}</strong>
              <br />
              <span dir="auto">{m}</span>
            </p>
          ))}
        </div>
      )}
      {me.role === 'administrator' && <Lacking of={['chat.read']} />}
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

/** In the conversation that is open, or as its beginning. */
async function converse(session: string, message: string): Promise<void> {
  try {
    await call('chat.say', { session, message });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'chat-not-open') throw error;
    await call('chat.open', { session, message });
  }
}
