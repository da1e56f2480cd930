// TABLE of what can be wrong with the bytes of a message, as `dp rec` shows it. The rows have no kind and no hint: what
// reads the message decides what becomes of it.

import type { ErrorValue, ParameterOf } from './rows.js';

export const messageErrors = {
  'bytes-missing': '{count} bytes wanted at byte {start}, only {left} are left',
  'bytes-left': '{message}: {count} bytes too many',
  'message-unknown': '{generation} has no message {message}',
  'message-type-unknown': 'message type {type} is unknown',
  'message-reserved': '{message} (type {type}) is reserved',
  'message-length': '{message} has {length} bytes, it may have {allowed}',
  'message-without-dabs': '{message} has {length} bytes, it may have {allowed}: at least one dab is needed',
  'dabs-incomplete': '{count} bytes are not complete dabs of {each}',
  'list-incomplete': '{count} bytes are no list of {what}',
  'text-too-long': 'a text of {count} bytes is longer than {most}',
} as const satisfies Readonly<Record<string, string>>;

export type MessageErrorCode = keyof typeof messageErrors;

export type MessageErrorParameters<Code extends MessageErrorCode> = {
  readonly [Name in ParameterOf<(typeof messageErrors)[Code]>]: ErrorValue;
};
