// Flags that the commands which ban somebody share.

import { banReactions } from '../admin/bans.js';
import { Flags } from './oclif.js';

export const expiryFlag = Flags.string({
  helpValue: 'WHEN',
  summary: 'When it ends: 12h, 7d, 4w, 1y from now on, or a date. For good unless given.',
});

export const commentFlag = Flags.string({
  helpValue: 'TEXT',
  summary: 'A note that only administrators see.',
});

export const personBanFlags = {
  expires: expiryFlag,
  reason: Flags.string({ helpValue: 'TEXT', summary: 'What the banned person is told.' }),
  comment: commentFlag,
  reaction: Flags.option({ options: banReactions })({
    default: 'normal',
    summary: 'normal tells them; the others look like a failure: neterror, garbage, hang, timer.',
  }),
};
