// The shape of a session command: who may use it, how often, and what it does (sessions.md §8). `S` is what it needs
// of the session, declared beside each command.
import type { Reason } from '../../errors/reason.js';
import type { JsonObject } from '../../protocol/command.js';
import type { Rate } from '../../rate-limit.js';
import type { Member } from '../member.js';

/** Moderators may do everything that operators may. */
export type CommandRight = 'anyone' | 'deputy' | 'operator' | 'moderator';

export interface CommandCall<S extends object> {
  session: S;
  member: Member;
  args: readonly unknown[];
  kwargs: JsonObject;
  /** Answers with an error, for commands that wait for something. */
  fail(why: Reason | string): void;
}

/** The error that the caller gets; undefined: done, or nothing to say. A text is one of several parts. */
export type CommandResult = Reason | string | undefined;

/**
 * How often one member may send a command, and what a call makes others keep or do at the most: memory, log, journal,
 * database and outgoing requests, with the limit that holds for all calls. What people do with a client stays far below.
 */
export interface CommandBound extends Rate {
  keeps: string;
}

export interface SessionCommand<S extends object> {
  right: CommandRight;
  bound: CommandBound;
  /** Exact number of positional arguments, where the original checks it. */
  argCount?: number;
  run: (call: CommandCall<S>) => CommandResult;
}
