// What operators can set in a session: the values, and the `sessionconf` message that notifies clients of them
// (sessions.md §9.2). Changes are checked in sessionconf.ts.
import type { JsonObject } from '../protocol/command.js';
import { type SavedSession, type SessionFlag, sessionFlags } from './saved.js';

export interface SessionOptions extends Record<SessionFlag, boolean> {
  title: string;
  maxUserCount: number;
  /** Bytes, 0 = no autoreset. */
  resetThreshold: number;
  /** Keep the files at the end: yes, no, as the server is set. */
  archive: boolean | null;
  /** Bytes, 0 = the server's limit holds. */
  overrideSize: number;
}

export const titleUnitsAtMost = 100;

/** sessions.md §22 */
export function clampUserCount(count: number): number {
  return Math.min(Math.max(count, 2), 254);
}

/** 32-bit sizes, as the originals have them. */
export function clampBytes(bytes: number): number {
  return Math.min(Math.max(Math.trunc(bytes), 0), 0x7fffffff);
}

export function optionsFrom(saved: SavedSession, resetThreshold: number): SessionOptions {
  const flags = Object.fromEntries(sessionFlags.map((flag) => [flag, saved.flags.has(flag)]));
  return {
    ...(flags as Record<SessionFlag, boolean>),
    title: saved.title,
    maxUserCount: clampUserCount(saved.maxUsers),
    resetThreshold,
    archive: saved.archive,
    overrideSize: clampBytes(saved.sizeLimit),
  };
}

export function flagsOf(options: SessionOptions): SessionFlag[] {
  return sessionFlags.filter((flag) => options[flag]);
}

/** What the message has beside the options. */
export interface ConfigFacts {
  hasPassword: boolean;
  hasOpword: boolean;
  resetThresholdBase: number;
  resetThresholdMin: number;
  maxSize: number;
  forceNsfm: boolean;
  idleTimeLimit: number;
  allowIdleOverride: boolean;
  /** Only where the server listens for WebSockets. */
  web: { preferWebSockets: boolean } | undefined;
}

/** The full `config` object. */
export function configObject(options: SessionOptions, facts: ConfigFacts): JsonObject {
  return {
    closed: null,
    authOnly: options.authOnly,
    persistent: options.persistent,
    title: options.title,
    autotitle: options.autotitle,
    maxUserCount: options.maxUserCount,
    resetThreshold: options.resetThreshold,
    resetThresholdBase: facts.resetThresholdBase,
    resetThresholdMin: facts.resetThresholdMin,
    preserveChat: options.preserveChat,
    nsfm: options.nsfm,
    deputies: options.deputies,
    hasPassword: facts.hasPassword,
    hasOpword: facts.hasOpword,
    idleOverride: options.idleOverride,
    invites: options.invites,
    forceNsfm: facts.forceNsfm,
    idleTimeLimit: facts.idleTimeLimit,
    allowIdleOverride: facts.allowIdleOverride,
    maxSize: facts.maxSize,
    ...(facts.web && { allowWeb: options.allowWeb, preferWebSockets: facts.web.preferWebSockets }),
  };
}
