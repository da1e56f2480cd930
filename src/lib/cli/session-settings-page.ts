// docs/reference/session-settings.md, made of the table of the settings of a session.

import { sessionFlags, sessionSettings, settingKeys } from '../core/settings/session-settings.js';
import { markdownTable } from './markdown.js';

/** The page as `npm run man` writes it. */
export function sessionSettingsPage(): string {
  const flags: readonly string[] = sessionFlags;
  return `${[
    '# Settings of a session',
    '',
    '<!-- Written by "npm run man" from src/lib/core/settings/session-settings.ts. -->',
    '',
    'What can be changed about a session while it runs: by operators in their clients, by moderators and administrators with',
    '`dp session set SESSION KEY=VALUE`, and with the operation [session.set](operations.md#sessionset). Templates set most of',
    'them in their header. The value is one that the setting accepts, for example.',
    '',
    ...markdownTable([
      ['setting', 'for example', 'meaning', 'who may change it'],
      ...settingKeys.map((key) => {
        const { help, kind, right } = sessionSettings[key];
        const value = flags.includes(key) ? 'true' : kind.example;
        return [`\`${key}\``, `\`${value}\``, help, right === 'moderator' ? 'moderators' : 'operators'];
      }),
    ]),
    '',
    'Administrators may change all of them. Some changes depend on settings of the server too: `persistence`, `forceNsfm`,',
    '`allowIdleOverride`, `sessionUserLimit` and `minimumAutoResetThreshold`. To open a session to web browsers, an operator',
    'needs the account flag WEBSESSION.',
  ].join('\n')}\n`;
}
