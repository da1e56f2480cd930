// What `dp top` shows: one look at a running server, sorted so that the busiest come first.

import type { Admin } from '../admin/admin.js';
import type { ServerStatus } from '../admin/server.js';
import type { ListedSession, OnlinePerson } from '../admin/session-shapes.js';
import { printable } from '../core/printable.js';
import { describeDuration, describeSize } from '../core/units.js';
import { describeSince, onlineColumns, sessionColumns, shortIds } from './session-texts.js';
import type { Column } from './tables.js';

export interface Overview {
  status: ServerStatus;
  sessions: readonly ListedSession[];
  users: readonly OnlinePerson[];
}

export async function takeOverview(admin: Admin): Promise<Overview> {
  const [status, sessions, users] = await Promise.all([
    admin.run('server.status', {}),
    admin.run('session.list', {}),
    admin.run('online.list', {}),
  ]);
  // templates are no sessions yet
  return { status, sessions: sessions.filter(({ id }) => id !== undefined), users };
}

function momentOf(timestamp: string): number {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? 0 : time;
}

/** Sessions by those who draw, then by when somebody last did something; people by when they last did. */
export function busiestFirst({ sessions, users }: Overview): Pick<Overview, 'sessions' | 'users'> {
  const lastIn = new Map<string, number>();
  for (const user of users) {
    const { session = '' } = user;
    lastIn.set(session, Math.max(lastIn.get(session) ?? 0, momentOf(user.lastActive)));
  }
  const last = ({ id = '' }: ListedSession) => lastIn.get(id) ?? 0;
  const count = (value = 0) => value;
  return {
    sessions: [...sessions].sort(
      (a, b) =>
        count(b.activeDrawingUserCount) - count(a.activeDrawingUserCount) ||
        last(b) - last(a) ||
        count(b.userCount) - count(a.userCount) ||
        count(b.size) - count(a.size),
    ),
    users: [...users].sort(
      (a, b) =>
        momentOf(b.lastActiveDrawing) - momentOf(a.lastActiveDrawing) ||
        momentOf(b.lastActive) - momentOf(a.lastActive),
    ),
  };
}

export function topColumns(
  { sessions }: Overview,
  now: number,
): { sessions: Column<ListedSession>[]; users: Column<OnlinePerson>[] } {
  const idOf = shortIds(sessions);
  const aliases = new Map(sessions.map(({ id = '', alias }) => [id, alias]));
  // what other commands take for a session
  const nameOf = (id: string) => aliases.get(id) || idOf(id);
  const drew: Column<OnlinePerson> = {
    title: 'drew',
    value: ({ lastActiveDrawing }) => describeSince(lastActiveDrawing, now),
    align: 'right',
  };
  return {
    sessions: [
      { title: 'session', value: ({ id = '' }) => nameOf(id), isUncut: true },
      ...sessionColumns(now).filter(({ title }) => title !== 'session' && title !== 'alias'),
    ],
    users: [...onlineColumns(now, nameOf), drew],
  };
}

/** One line about the server. */
export function topTitle({ status, sessions, users }: Overview, now: number): string {
  const facts: Partial<ServerStatus> = status;
  const parts = [
    `dp ${facts.version ?? ''}`.trim(),
    `${sessions.length} session${sessions.length === 1 ? '' : 's'}`,
    `${users.length} connected`,
  ];
  if (facts.activeDrawers !== undefined) parts.push(`${facts.activeDrawers} drawing`);
  if (facts.memoryBytes !== undefined) parts.push(describeSize(facts.memoryBytes));
  if (facts.startedAt !== undefined) parts.push(`up ${describeDuration((now - facts.startedAt) / 1000)}`);
  if (typeof facts.stopsAt === 'number') {
    parts.push(`stops in ${describeDuration((facts.stopsAt - now) / 1000)}`);
  }
  return printable(parts.join(' · '));
}
