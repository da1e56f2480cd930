// TABLE of the commands that members can send (sessions.md §8). To add one: a file beside this one, and a row.
import { Reason, reason } from '../../errors/reason.js';
import type { ClientCommand } from '../../protocol/command.js';
import type { RateLimit } from '../../rate-limit.js';
import type { Member } from '../member.js';
import { replies } from '../replies.js';
import { announceSession } from './announce-session.js';
import { authList } from './auth-list.js';
import type { CommandRight, SessionCommand } from './command.js';
import { exportBans } from './export-bans.js';
import { gainOp } from './gain-op.js';
import { importBans } from './import-bans.js';
import { initBegin } from './init-begin.js';
import { initCancel } from './init-cancel.js';
import { initComplete } from './init-complete.js';
import { inviteCreate } from './invite-create.js';
import { inviteRemove } from './invite-remove.js';
import { kickUser } from './kick-user.js';
import { killSession } from './kill-session.js';
import { mute } from './mute.js';
import { readyToAutoreset } from './ready-to-autoreset.js';
import { removeBan } from './remove-ban.js';
import { report } from './report.js';
import { resetSession } from './reset-session.js';
import { sessionconf } from './sessionconf.js';
import { streamResetAbort } from './stream-reset-abort.js';
import { streamResetFinish } from './stream-reset-finish.js';
import { streamResetStart } from './stream-reset-start.js';
import { thumbnailError } from './thumbnail-error.js';
import { unlistSession } from './unlist-session.js';

export const sessionCommands = {
  'announce-session': announceSession,
  'auth-list': authList,
  'export-bans': exportBans,
  'gain-op': gainOp,
  'import-bans': importBans,
  'init-begin': initBegin,
  'init-cancel': initCancel,
  'init-complete': initComplete,
  'invite-create': inviteCreate,
  'invite-remove': inviteRemove,
  'kick-user': kickUser,
  'kill-session': killSession,
  mute,
  'ready-to-autoreset': readyToAutoreset,
  'remove-ban': removeBan,
  report,
  'reset-session': resetSession,
  sessionconf,
  'stream-reset-abort': streamResetAbort,
  'stream-reset-finish': streamResetFinish,
  'stream-reset-start': streamResetStart,
  'thumbnail-error': thumbnailError,
  'unlist-session': unlistSession,
};

export type SessionCommandName = keyof typeof sessionCommands;

type SessionOf<Command> = Command extends SessionCommand<infer S> ? S : never;
type Every<Union> = (Union extends object ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** What all commands together need of a session. */
export type CommandSession = Every<SessionOf<(typeof sessionCommands)[SessionCommandName]>> & {
  readonly rates: RateLimit;
};

function isCommandName(cmd: string): cmd is SessionCommandName {
  return Object.hasOwn(sessionCommands, cmd);
}

const refusals = {
  deputy: reason('right-of-deputies'),
  operator: reason('right-of-operators'),
  moderator: reason('right-of-moderators'),
} as const;

function hasRight(member: Member, right: CommandRight): boolean {
  switch (right) {
    case 'anyone':
      return true;
    case 'deputy':
      return member.isOperator || member.isDeputy;
    case 'operator':
      return member.isOperator;
    case 'moderator':
      return member.isModerator;
  }
}

/** By address, so that reconnecting does not help; where a proxy brings everybody from this machine, by user. */
function senderOf(member: Member): string {
  return member.isLoopback ? `#${member.id}` : member.userInfo.ip;
}

/** A reason is written as the end of a sentence; here it is one. */
function sentence(why: Reason | string): string {
  return why instanceof Reason ? why.text.slice(0, 1).toUpperCase() + why.text.slice(1) : why;
}

/** Rights are checked before arguments; success has no reply. */
export function runCommand(
  session: CommandSession,
  member: Member,
  { cmd, args, kwargs }: ClientCommand,
): void {
  const fail = (why: Reason | string) => member.send(replies.error(cmd, sentence(why)));
  const command: SessionCommand<CommandSession> | undefined = isCommandName(cmd)
    ? sessionCommands[cmd]
    : undefined;
  if (!command) {
    fail(reason('command-unknown-here'));
  } else if (command.right !== 'anyone' && !hasRight(member, command.right)) {
    fail(refusals[command.right]);
  } else if (command.argCount !== undefined && args.length !== command.argCount) {
    fail(reason('arguments-miscounted', { wanted: command.argCount, count: args.length }));
  } else if (!session.rates.take(`${cmd} ${senderOf(member)}`, command.bound)) {
    fail(reason('command-too-often'));
  } else {
    const problem = command.run({ session, member, args, kwargs, fail });
    if (problem !== undefined) fail(problem);
  }
}
