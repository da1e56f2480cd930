// What somebody should look at, wherever in the app they are: problems of the server, a certificate that expires, sessions
// near their limit. Counted in the title of the page, said once when it is new, also by the browser if it may.

import { useEffect, useRef } from 'preact/hooks';
import { isLacking } from './api.js';
import { useLive } from './live.js';
import { number, t } from './texts/texts.js';
import { toast } from './toasts.js';

/** Neither says more often that it is new, nor asks so. */
const everyMs = 30_000;
const soonDays = 14;
const dayMs = 86_400_000;
const nearLimit = 0.8;

export interface Notice {
  /** The same for the same thing. */
  readonly key: string;
  readonly text: string;
}

/** `reports`: how many are open; undefined: not known yet. */
export function useNotices(reports: number | undefined): readonly Notice[] {
  const status = useLive('server.status', {}, ['health', 'session'], undefined, everyMs);
  const sessions = useLive('session.list', {}, ['session'], undefined, everyMs);
  const settings = useLive('config.list', {}, ['setting'], undefined, everyMs);
  const limit = Number(settings.data?.find(({ name }) => name === 'sessionSizeLimit')?.value ?? 0);
  const notices: Notice[] = [];
  for (const problem of status.data?.problems ?? []) notices.push({ key: problem, text: problem });
  const certificate = status.data?.certificate;
  if (certificate) {
    const days = Math.floor((certificate.validUntil - Date.now()) / dayMs);
    if (days < soonDays) {
      notices.push({ key: 'certificate', text: t('now.certificateSoon', { days: number(days) }) });
    }
  }
  for (const { id, title, alias, size = 0 } of sessions.data ?? []) {
    const share = limit > 0 ? size / limit : 0;
    if (id === undefined || share < nearLimit) continue;
    const name = title.trim() || alias || t('session.untitled');
    const percent = number(Math.floor(share * 100));
    notices.push({ key: `full ${id}`, text: `${name}: ${t('session.nearLimit', { percent })}` });
  }
  const isReady =
    status.data !== undefined &&
    sessions.data !== undefined &&
    (reports !== undefined || isLacking('report.list'));
  useNoticeToasts(notices, reports ?? 0, isReady);
  return notices;
}

/** Says what was not there before; what is there at the start is on the screen "Now". */
function useNoticeToasts(notices: readonly Notice[], reports: number, isReady: boolean): void {
  const known = useRef<{ keys: ReadonlySet<string>; reports: number } | undefined>(undefined);
  const keys = notices.map(({ key }) => key).join('\n');
  useEffect(() => {
    if (!isReady) return;
    const before = known.current;
    known.current = { keys: new Set(notices.map(({ key }) => key)), reports };
    if (before === undefined) return;
    for (const { key, text } of notices) if (!before.keys.has(key)) say(key, text);
    if (reports > before.reports) say('report', t('notice.report'));
  }, [isReady, keys, reports]);
}

function say(tag: string, text: string): void {
  if (document.hidden && mayNotify()) {
    try {
      new Notification(document.title, { body: text, tag });
      return;
    } catch {
      // phones have notifications of service workers only
    }
  }
  toast(text);
}

export const mayNotify = (): boolean =>
  typeof Notification !== 'undefined' && Notification.permission === 'granted';
