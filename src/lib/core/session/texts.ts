// TABLE of the texts that users of clients see in a session: notices, alerts, and reasons for closing a connection.
// Clients of 2.2 and later translate those with a key (replies.ts); all others show these texts.

/** How an administrator is called, wherever an operator would be called by name. */
export const administrator = 'the server administrator';

export const texts = {
  // people
  banned: (target: string, by: string) => `${target} was banned by ${by}`,
  kicked: (target: string, by: string) => `${target} was kicked by ${by}`,
  /** Clients put this behind "kicked by". */
  bannedBy: (by: string) => `${by}, who also banned you from this session`,
  muted: (by: string) => `${by} muted you: nobody else sees what you write in the chat.`,
  unmuted: (by: string) => `${by} unmuted you: everyone sees your chat again.`,
  privately: (text: string) => `Private message from ${administrator}: ${text}`,
  ghost: 'You are in ghost mode: nobody sees that you are here. Your chat reaches everyone as an alert.',
  ghostChat: 'Private chat is not possible in ghost mode.',

  // storage
  saved: 'The server can save this session again; nothing is missing.',
  notSaved: (problem: string) =>
    `The server cannot save this session at the moment: ${problem}. Drawing goes on, but would be lost if the server stopped now.`,
  rolesFull:
    'The list of registered operators and trusted users of this session is full: roles given from now on end when the user leaves.',

  // settings
  closeUnsupported: 'Blocking new users is not supported. Set a password or a user limit.',
  webDisallowed: (by: string) => `${by} closed this session to web browsers`,
  webDisconnected: 'This session is closed to web browsers now',

  // resets
  resetBegins: (name: string, doing: string) => `${name} ${doing}, please wait`,
  resetCancelled: 'The session reset was cancelled',
  resetTooLarge: 'The session reset failed: the new canvas is too large',
  resetterDeopped: 'You lost the operator role while you were resetting the session',
  resetLimit: 'The reset image exceeds the size limit of the session',
  resetByThreshold: (bytes: number) => `Autoreset threshold reached at ${bytes} bytes, asking operators`,
  resetByAdministrator: (bytes: number) =>
    `The server administrator asked for a session reset (${bytes} bytes), asking operators`,
  outOfSpace: 'The session is out of space! An operator must reset it.',

  // the end
  terminatedBy: (by: string, reason: string) => `Session terminated by ${by}${reason && `: ${reason}`}`,
  terminatedByModerator: 'The session was terminated by a moderator',
  terminatedByAdministrator: `The session was terminated by ${administrator}`,
  hostLeft: 'The host left before the session was ready',
  emptied: 'The session ended because it is empty',
  emptyTooLong: 'The session ended because it was empty for too long',
  idleTooLong: 'The session ended because nothing happened in it for too long',
  restarts: 'The server is restarting; press Reconnect in a few seconds.',
  stopsIn: (time: string) => `The server will stop in ${time}.`,
  stopCancelled: 'The server will not stop after all.',
  /** `areKept`: sessions outlive the server. `more`: what the administrator says, such as when it is back. */
  stops: (areKept: boolean, more: string) =>
    [
      'The server is shutting down.',
      more === '' && areKept ? 'Sessions are kept: join again when the server is back.' : more,
    ]
      .filter(Boolean)
      .join(' '),
} as const;
