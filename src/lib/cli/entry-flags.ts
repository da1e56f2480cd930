// Flags with which entries of the log and of the audit trail are chosen.

import { canonicalAddress } from '../core/addresses.js';
import { refusal } from '../core/errors.js';
import { Flags } from './oclif.js';

export const periodFlags = {
  after: Flags.string({
    helpValue: 'WHEN',
    summary: 'Start of the period: 2h (ago), a date, or a date and time (UTC unless a zone is given)',
    aliases: ['since'],
  }),
  before: Flags.string({ helpValue: 'WHEN', summary: 'End of the period', aliases: ['until'] }),
};

/** In the form in which addresses are stored. Refusal for anything else. */
export function readAddress(text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw refusal('address-invalid', { address: text });
  return address;
}
