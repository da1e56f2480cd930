// The last hour as small plots. The server is asked once; then this page goes on by itself, with what it knows.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isLacking, type OutputOf } from '../api.js';
import { useLive } from '../live.js';
import { number, t } from '../texts/texts.js';

type Usage = OutputOf<'server.usage'>[number];
type Status = OutputOf<'server.status'>;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export function Hour({ status }: { status: Status }): JSX.Element | null {
  const isKnown = !isLacking('server.usage');
  const first = useLive('server.usage', isKnown ? {} : undefined, ['gap']);
  const [more, setMore] = useState<readonly Usage[]>([]);
  const latest = useRef(status);
  latest.current = status;
  useEffect(() => {
    const timer = setInterval(() => {
      const { usersInSessions, activeDrawers, sessions, memoryBytes } = latest.current;
      const row = { when: Date.now(), usersInSessions, activeDrawers, sessions, memoryBytes };
      setMore((usage) => [...usage.slice(-60), row]);
    }, minuteMs);
    return () => clearInterval(timer);
  }, []);
  // its room is kept from the start: what stands below stays where it is
  if (isKnown && !first.data && !first.error) return <div class="card hour" />;
  const newest = first.data?.at(-1);
  if (!first.data || newest === undefined) return null;
  const end = newest.when;
  const all = [...first.data, ...more.filter(({ when }) => when > end)];
  const from = (all.at(-1) ?? newest).when - hourMs;
  const shown = all.filter(({ when }) => when >= from);
  return (
    <section class="card hour" aria-label={t('now.hour')}>
      <Plot
        rows={shown}
        of="usersInSessions"
        from={from}
        text={t('now.people')}
        now={status.usersInSessions}
      />
      <Plot rows={shown} of="activeDrawers" from={from} text={t('now.drawing')} now={status.activeDrawers} />
    </section>
  );
}

const width = 240;
const height = 48;

function Plot({
  rows,
  of,
  from,
  text,
  now,
}: {
  rows: readonly Usage[];
  of: 'usersInSessions' | 'activeDrawers';
  from: number;
  text: string;
  now: number;
}): JSX.Element {
  const most = Math.max(now, ...rows.map((row) => row[of]));
  const x = (when: number) => (((when - from) / hourMs) * width).toFixed(1);
  const y = (value: number) => (height - (most === 0 ? 0 : (value / most) * (height - 4)) - 2).toFixed(1);
  const points = [...rows.map((row) => `${x(row.when)},${y(row[of])}`), `${width},${y(now)}`];
  const start = rows[0] ? x(rows[0].when) : String(width);
  return (
    <div class="plot stack">
      <p class="small">
        <strong>{text}</strong>{' '}
        <span class="soft">
          {t('now.hour')}: {t('now.hourAt', { n: number(now), most: number(most) })}
        </span>
      </p>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon
          points={`${start},${height} ${points.join(' ')} ${width},${height}`}
          fill="currentColor"
          fill-opacity="0.15"
        />
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          vector-effect="non-scaling-stroke"
        />
      </svg>
    </div>
  );
}
