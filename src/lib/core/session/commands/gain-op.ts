// gain-op [password]: makes the sender an operator (sessions.md §8.2). Later messages of the sender wait for the
// check.

import { reason } from '../../errors/reason.js';
import { readText } from '../../settings/session-setting-values.js';
import type { Present } from '../member.js';
import type { Roles } from '../roles.js';
import type { SessionPassword } from '../session-password.js';
import type { SessionCommand } from './command.js';

export interface GainOpSession {
  readonly isEnded: boolean;
  readonly opword: SessionPassword;
  readonly people: Pick<Present, 'get'>;
  readonly roles: Pick<Roles, 'setOne'>;
}

export const gainOp: SessionCommand<GainOpSession> = {
  right: 'anyone',
  bound: { burst: 20, perMinute: 20, keeps: 'one password check' },
  argCount: 1,
  run({ session, member, args, fail }) {
    if (!session.opword.isSet) return reason('opword-missing');
    const password = readText(args[0]);
    if (password === undefined) return reason('password-wrong');
    member.hold('answer');
    session.opword.verify(
      password,
      (matches) => {
        if (session.isEnded || session.people.get(member.id) !== member) return;
        if (matches === undefined) fail(reason('checks-busy'));
        else if (!matches) fail(reason('password-wrong'));
        else if (!member.isOperator) session.roles.setOne(member, 'operator', true, 'password');
        member.release('answer');
      },
      member.userInfo.ip,
    );
    return undefined;
  },
};
