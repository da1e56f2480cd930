// What `dp top` shows: one look at a running server, sorted so that the busiest come first.

import type { Admin } from '../admin/admin.js';
import type { ServerStatus } from '../admin/server.js';
import { printable } from '../core/printable.js';
import type { JsonObject } from '../core/protocol/command.js';
import { describeDuration, describeSize } from '../core/units.js';
import { describeSince, numberOf, onlineColumns, sessionColumns, shortIds, textOf } from './session-texts.js';
import type { Column } from './tables.js';

export interface Overview {
  status: ServerStatus;
  sessions: JsonObject[];
  users: JsonObject[];
}

export async function takeOverview(admin: Admin): Promise<Overview> {
  const [status, sessions, users] = await Promise.all([
    admin.run('server.status', {}),
    admin.run('session.list', {}),
    admin.run('online.list', {}),
  ]);
  // templates are no sessions yet
  return { status, sessions: sessions.filter(({ id }) => textOf(id) !== ''), users };
}

function momentOf(timestamp: unknown): number {
  const time = Date.parse(textOf(timestamp));
  return Number.isNaN(time) ? 0 : time;
}

/** Sessions by those who draw, then by when somebody last did something; people by when they last did. */
export function busiestFirst({ sessions, users }: Overview): { sessions: JsonObject[]; users: JsonObject[] } {
  const lastIn = new Map<string, number>();
  for (const user of users) {
    const session = textOf(user.session);
    lastIn.set(session, Math.max(lastIn.get(session) ?? 0, momentOf(user.lastActive)));
  }
  const last = (session: JsonObject) => lastIn.get(textOf(session.id)) ?? 0;
  return {
    sessions: [...sessions].sort(
      (a, b) =>
        numberOf(b.activeDrawingUserCount) - numberOf(a.activeDrawingUserCount) ||
        last(b) - last(a) ||
        numberOf(b.userCount) - numberOf(a.userCount) ||
        numberOf(b.size) - numberOf(a.size),
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
): { sessions: Column<JsonObject>[]; users: Column<JsonObject>[] } {
  const idOf = shortIds(sessions);
  const aliases = new Map(sessions.map(({ id, alias }) => [textOf(id), textOf(alias)]));
  // what other commands take for a session
  const nameOf = (id: string) => aliases.get(id) || idOf(id);
  const drew: Column<JsonObject> = {
    title: 'drew',
    value: ({ lastActiveDrawing }) => describeSince(lastActiveDrawing, now),
    align: 'right',
  };
  return {
    sessions: [
      { title: 'session', value: ({ id }) => nameOf(textOf(id)), isWhole: true },
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
