// Ending a session permanently (sessions.md §8.4, §23), for moderators, administrators and rules: notifications, and
// that the end is stored before anybody is notified. Also stopping a session that remains stored.
import type { Buffer } from 'node:buffer';
import type { Action, ActionRecorder } from './actions.js';
import { type Actor, nameOf, type Rule } from './actor.js';
import { replies } from './replies.js';
import { administrator, texts } from './texts.js';

export interface EndingSession extends ActionRecorder {
  readonly isEnded: boolean;
  readonly flow: { sendToAll(frame: Buffer): void };
  storeEnd(): void;
  end(text: string, what: 'terminate' | 'stop', isQuiet?: boolean): void;
}

type EndRule = Extract<Rule, 'empty' | 'emptyTooLong' | 'idle' | 'hostLeft'>;

/** What people read as the reason for their disconnection, by the rule that ended the session. */
const ruleTexts: Record<EndRule, string> = {
  empty: texts.emptied,
  emptyTooLong: texts.emptyTooLong,
  idle: texts.idleTooLong,
  hostLeft: texts.hostLeft,
};

/**
 * `isQuiet`: members are not notified and stay connected to nothing; then nobody reads the `reason` either. Undefined: it is
 * over already.
 */
export function endSession(
  session: EndingSession,
  actor: Actor,
  options: { reason?: string; isQuiet?: boolean } = {},
): Action<'end'> | undefined {
  if (session.isEnded) return undefined;
  const reason = options.reason?.trim() ?? '';
  const isQuiet = options.isQuiet ?? false;
  session.storeEnd();
  const alert = isQuiet ? undefined : endAlert(actor, reason);
  if (alert) session.flow.sendToAll(alert);
  const action = { kind: 'end', actor, effect: { reason, isQuiet } } as const;
  session.recordAction(action);
  session.end(endText(actor), 'terminate', isQuiet);
  return action;
}

/** Everyone is disconnected, and the session stays stored. Undefined: it is over already. */
export function stopSession(
  session: EndingSession,
  actor: Actor,
  reason: string,
): Action<'stop'> | undefined {
  if (session.isEnded) return undefined;
  const action = { kind: 'stop', actor, effect: { reason } } as const;
  session.recordAction(action);
  session.end(reason, 'stop');
  return action;
}

function isEndRule(rule: Rule): rule is EndRule {
  return Object.hasOwn(ruleTexts, rule);
}

/** Before the end; of an administrator without a reason, and of a rule, the disconnection says it all (recorded). */
function endAlert(actor: Actor, reason: string): Buffer | undefined {
  if ('member' in actor) {
    const by = nameOf(actor);
    return reason
      ? replies.keyed('alert', 'terminatesessionreason', { by, reason }, texts.terminatedBy(by, reason))
      : replies.keyed('alert', 'terminatesession', { by }, texts.terminatedBy(by, ''));
  }
  if (actor.kind !== 'administrator' || reason === '') return undefined;
  return replies.keyed(
    'alert',
    'terminatesessionadmin',
    { reason },
    texts.terminatedBy(administrator, reason),
  );
}

function endText(actor: Actor): string {
  if ('member' in actor) return texts.terminatedByModerator;
  if (actor.kind === 'rule' && isEndRule(actor.rule)) return ruleTexts[actor.rule];
  return texts.terminatedByAdministrator;
}
