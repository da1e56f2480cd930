// Flags that the commands which ban somebody share.

import { banReactions } from '../admin/ban-shapes.js';
import { Flags } from './oclif.js';

export const expiryFlag = Flags.string({
  helpValue: 'WHEN',
  summary:
    'Expiry: 12h, 7d, 4w, 1y from now, a date, a date and time (UTC unless a zone is given), or "never" (the ' +
    'default)',
});

export const commentFlag = Flags.string({
  helpValue: 'TEXT',
  summary: 'Note for administrators',
});

export const personBanFlags = {
  expires: expiryFlag,
  reason: Flags.string({ helpValue: 'TEXT', summary: 'Reason shown to the banned user' }),
  comment: commentFlag,
  reaction: Flags.option({ options: banReactions })({
    default: 'normal',
    summary: 'Show the reason (normal), or imitate a failure (neterror, garbage, hang, timer)',
  }),
};
