// Files of a running server as commands name and show them.

import { type FileKind, type FileReference, fileKinds, type StoredFile } from '../admin/file-shapes.js';
import { refusal } from '../core/errors.js';
import { describeSize, formatTimestamp } from '../core/units.js';
import { Args } from './oclif.js';
import type { Column } from './tables.js';

export const fileArg = Args.string({
  required: true,
  description: 'File as in the first column of "dp file list": KIND/NAME',
});

export function readFileReference(text: string): FileReference {
  const [kind = '', ...rest] = text.split('/');
  const name = rest.join('/');
  if ((fileKinds as readonly string[]).includes(kind) && name !== '') return { kind: kind as FileKind, name };
  throw refusal('file-reference-invalid', { given: text, kinds: fileKinds.join(', ') });
}

export const fileColumns: readonly Column<StoredFile>[] = [
  { title: 'File', value: ({ kind, name }) => `${kind}/${name}` },
  { title: 'Title', value: ({ title, alias }) => title || alias || '' },
  { title: 'Size', value: ({ sizeBytes }) => describeSize(sizeBytes), align: 'right' },
  { title: 'Changed', value: ({ changed }) => formatTimestamp(changed) },
  { title: 'State', value: stateOf },
];

function stateOf({ isLive, isInUse, problem, problems }: StoredFile): string {
  if (problem !== undefined) return problem;
  if (isInUse === true) return 'being recorded';
  if (isLive === true) return 'before a reset';
  return problems === undefined ? '' : `${problems} ${problems === 1 ? 'problem' : 'problems'}`;
}
