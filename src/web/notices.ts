// What somebody should look at, wherever in the app they are: reports, problems of the server such as a full disk, trouble
// with the certificate, sessions near their limit. Counted in the title of the page, said once when it is new: in the page
// to those who see it, by the browser to those who do not and have allowed it.

import { useEffect, useRef } from 'preact/hooks';
import { isLacking, type OutputOf } from './api.js';
import { useLive } from './live.js';
import { reportPath, root, sessionPath } from './paths.js';
import { go } from './router.js';
import { isolated, number, t, tn, visible } from './texts/texts.js';
import { toast } from './toasts.js';

/** Sizes of sessions are not asked for more often. */
const everyMs = 30_000;
/** What comes back sooner was said already. */
const saidMs = 600_000;
const soonDays = 14;
const dayMs = 86_400_000;
const nearLimit = 0.8;

export interface Notice {
  /** The same for the same thing. */
  readonly key: string;
  readonly text: string;
  /** Where there is more about it. */
  readonly path: string;
}

type Status = OutputOf<'server.status'>;
type Report = OutputOf<'report.list'>[number];

/** What is wrong with the server, in words. Numbers in them change while it is the same thing that is wrong. */
export function problemsOf({ problems, certificate }: Status): Omit<Notice, 'path'>[] {
  const failures = certificate?.renewal?.failures ?? [];
  return [
    ...problems.map((text) => ({ key: `problem ${text.replace(/\d+/g, '#')}`, text: visible(text) })),
    ...failures.map(({ code, message, hint }) => ({
      key: `renewal ${code}`,
      text: visible(t('now.renewal', { problem: hint === null ? message : `${message} – ${hint}` })),
    })),
  ];
}

/** Of a certificate that is over soon, or already; undefined: there is time. */
export function expiryOf({ certificate }: Status, at: number): string | undefined {
  if (!certificate) return undefined;
  const days = Math.floor((certificate.validUntil - at) / dayMs);
  if (days < 0) return t('now.certificateOver');
  return days < soonDays ? tn('now.certificateSoon', days) : undefined;
}

/** `reports`: those that are open; undefined: not known yet. */
export function useNotices(reports: readonly Report[] | undefined): readonly Notice[] {
  const status = useLive('server.status', {}, ['health']);
  const sessions = useLive('session.list', {}, ['session'], undefined, everyMs);
  const settings = useLive('config.list', {}, ['setting'], undefined, everyMs);
  const limit = Number(settings.data?.find(({ name }) => name === 'sessionSizeLimit')?.value ?? 0);
  const notices: Notice[] = [];
  if (status.data) {
    for (const problem of problemsOf(status.data)) notices.push({ ...problem, path: root });
    const text = expiryOf(status.data, Date.now());
    if (text !== undefined) notices.push({ key: 'certificate', text, path: root });
  }
  for (const { id, title, alias, size = 0 } of sessions.data ?? []) {
    const share = limit > 0 ? size / limit : 0;
    if (id === undefined || share < nearLimit) continue;
    const name = title.trim() || alias || t('session.untitled');
    const percent = number(Math.floor(share * 100));
    const text = `${isolated(name)}: ${t('session.nearLimit', { percent })}`;
    notices.push({ key: `full ${id}`, text, path: sessionPath(id) });
  }
  const isReady =
    status.data !== undefined &&
    sessions.data !== undefined &&
    settings.data !== undefined &&
    (reports !== undefined || isLacking('report.list'));
  useNews(notices, reports ?? [], isReady);
  return notices;
}

/** Says what was not there before; what is there at the start is on the screens. */
function useNews(notices: readonly Notice[], reports: readonly Report[], isReady: boolean): void {
  /** When each was there last; undefined: nothing was looked at yet. */
  const known = useRef<Map<string, number> | undefined>(undefined);
  const present = useRef<readonly string[]>([]);
  const all = [
    ...notices,
    ...reports.map(({ id }) => ({ key: `report ${id}`, text: t('notice.report'), path: reportPath(id) })),
  ];
  const keys = all.map(({ key }) => key);
  useEffect(() => {
    if (!isReady) return;
    const at = Date.now();
    const isFirst = known.current === undefined;
    const seen = known.current ?? new Map<string, number>();
    known.current = seen;
    for (const key of present.current) seen.set(key, at);
    present.current = keys;
    for (const notice of all) {
      const last = seen.get(notice.key);
      // a report that is opened again is not new
      const isOld = last !== undefined && (notice.key.startsWith('report ') || at - last < saidMs);
      if (!isFirst && !isOld) say(notice);
      seen.set(notice.key, at);
    }
  }, [isReady, keys.join('\n')]);
}

function say({ key, text, path }: Notice): void {
  if (document.hidden && mayNotify()) {
    try {
      // of the same tag, that of another tab takes the place of this one
      const notification = new Notification(document.title, { body: text, tag: key });
      notification.onclick = () => {
        focus();
        go(path);
        notification.close();
      };
      return;
    } catch {
      // phones have notifications of service workers only
    }
  }
  toast(text, { path });
}

export const mayNotify = (): boolean =>
  typeof Notification !== 'undefined' && Notification.permission === 'granted';
