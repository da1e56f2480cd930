// Entries of the audit trail as columns, as JSON and as CSV.

import type { exportedChange } from '../admin/audit.js';
import { changeText, subjectText } from '../admin/change-text.js';
import type { AuditEntry } from '../admin/needs.js';
import type { Static } from '../admin/schema.js';
import { formatDateTime } from '../core/units.js';
import type { Column } from './tables.js';

/** `alice (moderator)`; an administrator without a name worked on this machine. */
function actorText({ actor: { kind, name } }: AuditEntry): string {
  return name === '' ? kind : `${name} (${kind})`;
}

export const auditColumns: readonly Column<AuditEntry>[] = [
  { title: 'time', value: ({ when }) => formatDateTime(when) },
  { title: 'by', value: actorText },
  { title: 'from', value: ({ address }) => address },
  { title: 'what', value: ({ what }) => what },
  { title: 'on', value: ({ on }) => subjectText(on) },
  { title: 'session', value: ({ on }) => on.session },
  { title: 'change', value: ({ before, after }) => changeText(before, after) },
];

/** Moments as in every other JSON that people read. */
export function auditObject({ id, when, before, after, ...rest }: AuditEntry): Static<typeof exportedChange> {
  return {
    id,
    when: formatDateTime(when),
    ...rest,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}
