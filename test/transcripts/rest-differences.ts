// TABLE of the places where dp's admin API means to differ from the recordings: by case, with the clause of http.md
// and what is expected instead. A difference that is not in here fails.

export interface RestDifference {
  /** Names of recordings; `*` at the end for all that begin so. */
  cases: readonly string[];
  clause: string;
  why: string;
  /** Instead of the recorded status. */
  status?: number;
  /** Instead of the recorded body. */
  body?: unknown;
  /** Dotted paths that need not be equal; `[]` for every item of a list. */
  ignored?: readonly string[];
  /** Keys that we have and the recording does not. */
  added?: readonly string[];
}

/** A threshold of 0 switches autoreset off; the original asks once more, and that shows until it is over. */
const noQuery = ['autoreset.requestStatus', 'autoreset.timer', 'users[].resetFlags'];

export const restDifferences: readonly RestDifference[] = [
  {
    cases: ['accounts-auth-case'],
    clause: '§1.11',
    why: 'names are compared in their canonical form: mod is the account Mod',
    body: { status: 3 },
  },
  {
    cases: ['banlist-post-subnet-string'],
    clause: '§1.10',
    why: 'a prefix length in a text is read: else the ban would be of one address',
    ignored: ['subnet'],
  },
  {
    cases: ['banlist-get', 'banlist-get-v2'],
    clause: '§1.10',
    why: 'one of them was given with the prefix length in a text',
    ignored: ['[].subnet', 'bans[].subnet'],
  },
  {
    cases: ['auth-cors-other-origin'],
    clause: '§1.2',
    why: 'a web page of an origin that is not allowed is refused, so that no page acts for who looks at it',
    status: 403,
    ignored: [''],
  },
  {
    cases: ['method-patch'],
    clause: '§7.4',
    why: 'an unknown method is answered',
    status: 405,
    body: { status: 'error', message: 'Unsupported method' },
  },
  {
    cases: ['users-get-by-uid-empty-body'],
    clause: '§7.2',
    why: 'the answer has its body',
    ignored: [''],
  },
  {
    cases: ['users-delete-long-message'],
    clause: '§7.2',
    why: 'there is always a message',
    added: ['message'],
  },
  {
    cases: ['extbans-refresh-inactive', 'locked-extbans-refresh'],
    clause: '§7.2',
    why: 'there is always a message, and a status',
    added: ['message', 'status'],
  },
  {
    cases: ['session-put-message-huge'],
    clause: '§7.9',
    why: 'a text that does not fit is refused, not dropped',
    status: 400,
    body: { status: 'error', message: 'Message too long' },
  },
  {
    cases: ['session-put-message-empty', 'session-put-alert-empty'],
    clause: '§7.9',
    why: 'an empty text is no text',
    status: 200,
    ignored: [''],
  },
  {
    cases: ['session-*', 'invites-*', 'chat-*', 'thumbnail-*'],
    clause: '§7.10',
    why: 'no autoreset is asked for when it is switched off',
    ignored: noQuery,
  },
  {
    cases: ['filed-session-put-archive-string', 'session-put-password-types'],
    clause: '§1.7.2',
    why: 'a value of another type is converted where it can mean only one thing',
    ignored: ['archive'],
  },
  {
    cases: ['session-put-password-types', 'session-put-overridesize'],
    clause: '§1.7.2',
    why: 'a value of another type is converted where it can mean only one thing',
    ignored: ['archive', 'title', 'maxUserCount', 'nsfm', 'authOnly', 'hasPassword'],
  },
  {
    cases: ['session-put-invalid-reset'],
    clause: '§1.7.2',
    why: 'a value without a sensible meaning is refused, and nothing is changed',
    status: 400,
    body: {
      status: 'error',
      message:
        "invalid value 'abc' for resetThreshold: expected a size, such as 15mb; invalid value 'abc' for overrideSize: expected a size, such as 15mb",
    },
  },
  {
    cases: [
      'server-put-invalid-ignored',
      'server-put-numbers',
      'server-put-size-overflow',
      'cfgfile-server-put-ignored',
    ],
    clause: '§7.6',
    why: 'what was not taken is named',
    added: ['_invalid'],
  },
  {
    cases: ['server-put-invalid-ignored'],
    clause: '§1.6',
    why: 'null, a list or an object means nothing: no text is wiped and no restriction lifted by it',
    ignored: ['serverTitle'],
  },
  {
    cases: ['auth-options-no-credentials', 'status-options'],
    clause: '§7.5',
    why: 'X-Requested-With is allowed, too',
    ignored: ['access-control-allow-headers'],
  },
];
