// Somebody in a session, without a connection: for tests of what a session does with its members. Notes what they are sent.

import type { Member, UserInfo } from '../../src/lib/core/session/member.js';

/** A command reply as data, or `TYPE:BYTES` of another message. */
export type Sent = Record<string, unknown> | string;

export interface FakeMember extends Member {
  readonly sent: Sent[];
  /** What else was done with them. */
  readonly done: string[];
}

interface Facts extends Partial<Omit<UserInfo, 'name'>> {
  isOperator?: boolean;
  isTrusted?: boolean;
  isLoopback?: boolean;
  historyPosition?: number;
}

export function fakeMember(id: number, name: string, facts: Facts = {}): FakeMember {
  const userInfo = { authId: '', sid: '', inviteSecret: '', flags: new Set<string>(), ...facts, name };
  const sent: Sent[] = [];
  const done: string[] = [];
  const roles = { operator: facts.isOperator ?? false, trusted: facts.isTrusted ?? false, muted: false };
  return {
    id,
    name,
    userInfo,
    sent,
    done,
    authId: userInfo.authId,
    autoReset: 'none',
    historyPosition: facts.historyPosition ?? 0,
    logUser: { id, ip: '10.0.0.1', name },
    isLoopback: facts.isLoopback ?? false,
    isGhost: facts.isGhost ?? false,
    isModerator: facts.isModerator ?? false,
    isRegistered: userInfo.authId !== '',
    get isOperator() {
      return roles.operator;
    },
    get isTrusted() {
      return roles.trusted;
    },
    get isMuted() {
      return roles.muted;
    },
    become: (role: keyof typeof roles, has: boolean) => {
      roles[role] = has;
    },
    has: (flag: string) => userInfo.flags.has(flag),
    send: (frame: Buffer | undefined) => {
      if (frame) sent.push(sentAs(frame));
    },
    hold: (why: string) => done.push(`hold ${why}`),
    release: (why: string) => done.push(`release ${why}`),
    disconnect: (reason: string, text: string) => done.push(`disconnect ${reason}: ${text}`),
  } as unknown as FakeMember;
}

/** The first frame in these bytes. */
export function sentAs(frame: Buffer): Sent {
  const body = frame.subarray(4, 4 + frame.readUInt16BE(0));
  if (frame[2] === 0) return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return `${frame[2]} by ${frame[3]}: ${body.toString('latin1')}`;
}
