// Sessions without a network: a directory in memory, and people whose connections write down what they get. Time, the
// ends of turns, passwords and what is stored are answered by the test.

import type { Change } from '../../src/lib/core/session/change.js';
import { type DirectoryNeeds, SessionDirectory } from '../../src/lib/core/session/directory.js';
import type { Member, MemberLink, UserInfo } from '../../src/lib/core/session/member.js';
import { MemoryHistory } from '../../src/lib/core/session/memory-history.js';
import type { FoundSession, OpenedSession, StoredSession } from '../../src/lib/core/session/needs.js';
import { noListings, noReports } from '../../src/lib/core/session/no-external-services.js';
import { emptySaved, type JournalEntry, type SavedSession } from '../../src/lib/core/session/saved.js';
import type { Session } from '../../src/lib/core/session/session.js';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { type Sent, sentAs } from './fake-member.js';
import { ManualClock } from './manual-clock.js';

export const protocol = 'dp:4.25.1';

/** What is stored of one session. */
export interface Kept {
  readonly written: JournalEntry[];
  /** How its journal and history ended. */
  readonly ends: string[];
  /** False: what is written waits for `store()`. */
  isStored: boolean;
  store(): void;
  stored: StoredSession;
}

function makeStored(): Kept {
  const waiting: (() => void)[] = [];
  const history = new MemoryHistory();
  const close = history.close.bind(history);
  const kept: Kept = {
    written: [],
    ends: [],
    isStored: true,
    store: () => {
      kept.isStored = true;
      for (const done of waiting.splice(0)) done();
    },
    stored: {
      history: Object.assign(history, {
        close: (how: string) => {
          kept.ends.push(`history: ${how}`);
          close();
        },
      }),
      journal: {
        write: (entry) => void kept.written.push(entry),
        sizeBytes: 0,
        get isStored() {
          return kept.isStored;
        },
        whenStored: (done) => (kept.isStored ? done() : void waiting.push(done)),
        end: (how) => void kept.ends.push(`journal: ${how}`),
      },
      saveThumbnail: () => {},
    },
  };
  return kept;
}

/** Somebody's end of a connection. */
export interface Person {
  readonly userInfo: UserInfo;
  readonly link: MemberLink;
  /** Everything that arrived: replies as data, other messages as `TYPE by USER: BYTES`. */
  readonly got: Sent[];
  /** What was done with the connection. */
  readonly done: string[];
  hasRoom: boolean;
}

export function person(name: string, facts: Partial<UserInfo> = {}): Person {
  const got: Sent[] = [];
  const taken: Uint8Array[] = [];
  const done: string[] = [];
  const take = (bytes: Uint8Array) => void taken.push(bytes);
  const somebody: Person = {
    /** Taken apart when somebody looks: in some tests thousands come, and nobody does. */
    get got() {
      for (const bytes of taken.splice(0)) {
        const all = Buffer.from(bytes);
        for (let at = 0; at < all.length; at += 4 + all.readUInt16BE(at)) got.push(sentAs(all.subarray(at)));
      }
      return got;
    },
    done,
    hasRoom: true,
    userInfo: {
      name,
      authId: '',
      flags: new Set(),
      isModerator: false,
      isGhost: false,
      isBrowser: false,
      ip: '10.0.0.1',
      sid: `system of ${name}`,
      avatar: new Uint8Array(),
      capabilities: new Set(),
      clientInfo: {},
      isMinorIncompatible: false,
      inviteSecret: '',
      ...facts,
    },
    link: {
      connection: {
        ip: '10.0.0.1',
        transport: 'tcp',
        isBrowser: false,
        canStartTls: false,
        send: take,
        sendFirst: take,
        sendHistory: take,
        flush: () => void done.push('flush'),
        hold: () => void done.push('hold'),
        release: () => void done.push('release'),
        get hasRoom() {
          return somebody.hasRoom;
        },
        sentBytes: 0,
        unsentBytes: 0,
        end: () => {},
        abort: () => {},
        startTls: () => {},
      },
      overwriteContextIds: (id) => void done.push(`context ${id}`),
      disconnect: (reason, text) => void done.push(`disconnect ${reason}: ${text}`),
      abort: (problem) => void done.push(`abort: ${problem}`),
    },
  };
  return somebody;
}

export function makeDirectory(
  options: { settings?: Readonly<Record<string, string>>; needs?: Partial<DirectoryNeeds> } = {},
) {
  const clock = new ManualClock();
  const turns: (() => void)[] = [];
  clock.endOfTurn = (run) => void turns.push(run);
  const log: string[] = [];
  const changes: Change[] = [];
  const settings = new MemorySettings(options.settings);
  const kept: Kept[] = [];
  /** Calls of the list servers' port. */
  const listed: string[] = [];
  let secret = 0;
  const needs: DirectoryNeeds = {
    clock,
    random: { bytes: (count) => new Uint8Array(count).fill(++secret) },
    log: {
      write: ({ level, topic, message }) => void log.push(`${level} ${topic} ${message}`),
    },
    changes: { made: (change) => void changes.push(change) },
    settings,
    passwords: {
      hash: (text, done) => done(text && `plain;${text}`),
      verify: (text, stored, done) => done(stored === `plain;${text}`),
    },
    makeInflater: () => {
      throw new Error('nobody inflates anything here');
    },
    banArchive: {
      canSeal: false,
      pack: (text) => text,
      seal: () => undefined,
      open: () => ({ error: 'none' }) as never,
    },
    listings: {
      ...noListings,
      announce: (session, url, by) => void listed.push(`announce ${session.id} at ${url} by ${by}`),
      changed: ({ id }) => void listed.push(`changed ${id}`),
      ended: ({ id }) => void listed.push(`ended ${id}`),
      unlist: ({ id }, url) => void listed.push(`unlist ${id} ${url}`),
    },
    reports: noReports,
    nameRules: { isForbidden: (text) => text.startsWith('forbidden') },
    makeRecorder: () => undefined,
    hasWebSockets: false,
    nextResetNumber: () => 1,
    store: {
      isPersistent: false,
      create: () => {
        const made = makeStored();
        kept.push(made);
        return made.stored;
      },
    },
    ...options.needs,
  };
  const directory = new SessionDirectory(needs);

  /** Runs what waits for the end of the turn. */
  const endTurn = (): void => {
    while (turns.length > 0) turns.shift()!();
  };

  const join = (
    session: Session,
    somebody: Person,
    more: { isHost?: boolean; skipTo?: number } = {},
  ): Member => {
    const { userInfo, link } = somebody;
    const id = session.people.chooseId(userInfo.name)!;
    const member = session.people.join(id, userInfo, link, { isHost: false, ...more });
    endTurn();
    return member;
  };

  /** A session whose host is still uploading. */
  const host = (somebody: Person, alias = '') => {
    const session = directory.create({
      alias,
      founder: somebody.userInfo.name,
      address: '10.0.0.1',
      protocol,
    });
    if (typeof session === 'string') throw new Error(session);
    const member = join(session, somebody, { isHost: true });
    return { session, member, kept: kept.at(-1)! };
  };

  /** A session that runs. */
  const run = (somebody: Person, alias = '') => {
    const hosted = host(somebody, alias);
    hosted.session.completeInitialization();
    endTurn();
    return hosted;
  };

  /** A session of a store, which answers its opening only when the test does. */
  const find = (id: string, facts: Partial<SavedSession> = {}, more: Partial<FoundSession> = {}) => {
    const made = makeStored();
    const opens: ((opened: OpenedSession) => void)[] = [];
    const found: FoundSession = Object.assign(made.stored, {
      saved: { ...emptySaved(id, protocol), ...facts },
      open: (done: (opened: OpenedSession) => void) => void opens.push(done),
      ...more,
    });
    return { found, kept: made, opens };
  };

  return {
    directory,
    needs,
    clock,
    settings,
    log,
    changes,
    kept,
    listed,
    turns,
    endTurn,
    join,
    host,
    run,
    find,
  };
}

/** What of these are replies of one type. */
export const repliesOf = (sent: readonly Sent[], type: string) =>
  sent.filter((each): each is Record<string, unknown> => typeof each !== 'string' && each.type === type);
