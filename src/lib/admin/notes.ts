// Operations on notes about people, which moderators share.

import { canonicalAddress, formatSubnet, isSingleAddress, readSubnetText } from '../core/addresses.js';
import { reason } from '../core/errors/reason.js';
import { refusal } from '../core/errors.js';
import { isSameName } from '../core/names.js';
import { type Note, type NoteKind, type NoteStore, noteKinds, type Stores } from './needs.js';
import { type AdminNeeds, change, look } from './operation.js';
import {
  described,
  integer,
  list,
  moment,
  notEmpty,
  object,
  oneWord,
  type Static,
  text,
  within,
} from './schema.js';

const kind = described(
  oneWord(...noteKinds),
  'account: name of an account; client: system id; address: also a network',
);
const note = object({
  id: integer,
  kind,
  target: text,
  text,
  by: described(text, 'name of the login; empty: nobody in particular'),
  when: moment,
});
const target = within(notEmpty, { maxLength: 200 });
const newNote = object({ kind, target, text: within(notEmpty, { maxLength: 2_000 }) });

export const noteOperations = {
  'note.list': look({
    summary: 'List notes about people',
    role: 'moderator',
    input: object(
      {},
      { kind, target, contains: described(text, 'part of target, text or author, any case') },
    ),
    output: list(note),
    run: async ({ stores }, { kind, target, contains = '' }) => {
      const words = contains.toLowerCase();
      return (await requireNotes(stores).all()).filter(
        (each) =>
          (kind === undefined || each.kind === kind) &&
          (target === undefined || isAbout(each, target)) &&
          `${each.target}\n${each.text}\n${each.by}`.toLowerCase().includes(words),
      );
    },
  }),
  'note.add': change(undefined, {
    summary: 'Add a note about somebody',
    role: 'moderator',
    input: newNote,
    output: note,
    run: addNote,
  }),
  'note.delete': change(undefined, {
    summary: 'Delete a note',
    role: 'moderator',
    input: object({ id: integer }),
    output: note,
    run: async ({ stores }, { id }) => {
      const found = (await requireNotes(stores).all()).find((each) => each.id === id);
      if (!found || !(await requireNotes(stores).remove(id))) throw refusal('note-not-found', { id });
      return found;
    },
  }),
};

function addNote({ stores, now, caller }: AdminNeeds, input: Static<typeof newNote>) {
  const target = targetOf(input.kind, input.target.trim());
  const by = caller?.name ?? 'local';
  return Promise.resolve(
    requireNotes(stores).add({ kind: input.kind, target, text: input.text.trim(), by, when: now() }),
  );
}

/** As it is stored: addresses in one form. */
function targetOf(kind: NoteKind, target: string): string {
  if (kind === 'address') {
    const read = readSubnetText(target);
    if ('problem' in read) throw refusal('note-target-invalid', { kind, target, problem: read.problem });
    return isSingleAddress(read.subnet) ? (canonicalAddress(target) ?? target) : formatSubnet(read.subnet);
  }
  if (kind !== 'client' || /^[0-9a-f]{32}$/i.test(target))
    return kind === 'client' ? target.toLowerCase() : target;
  const problem = reason('system-id-form');
  throw refusal('note-target-invalid', { kind, target, problem });
}

function isAbout(note: Note, target: string): boolean {
  if (note.kind === 'name' || note.kind === 'account') return isSameName(note.target, target);
  return note.target === targetOf(note.kind, target.trim());
}

function requireNotes({ notes }: Stores): NoteStore {
  if (notes !== undefined) return notes;
  throw refusal('reports-not-kept');
}
