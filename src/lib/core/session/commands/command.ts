// The shape of a session command: who may use it, and what it does (sessions.md §8).
import type { JsonObject } from '../../protocol/command.js';
import type { Member } from '../member.js';
import type { Session } from '../session.js';

/** Moderators may do everything that operators may. */
export type CommandRight = 'anyone' | 'deputy' | 'operator' | 'moderator';

export interface CommandCall {
  session: Session;
  member: Member;
  args: readonly unknown[];
  kwargs: JsonObject;
  /** Answers with an error, for commands that wait for something. */
  fail(text: string): void;
}

/** A text is the error that the caller gets; undefined: done, or nothing to say. */
export type CommandResult = string | undefined;

export interface SessionCommand {
  right: CommandRight;
  /** Exact number of positional arguments, where the original checks it. */
  argCount?: number;
  run(call: CommandCall): CommandResult;
}
