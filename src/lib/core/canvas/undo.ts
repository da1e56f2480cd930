// The history of drawing messages that can still be undone (canvas.md §3): marks, undo points, replays.
//
// Two things look alike and are not. Whether an entry is `isSaved` follows the rules of clients and decides how long
// the history is, and thereby which redo is refused. Where a state is really kept (`state`) is up to dp: states
// may be thinned out when memory gets short. Then more messages are done again, in the same groups as the last time
// (`group`), so that nothing comes out otherwise.
//
// Each state that is kept lists what the canvas has replaced since (`replaced`), up to the next one. When the oldest
// state goes, what was replaced goes with it; when an undo brings a state back, what replaced it goes.

import { firstDabs, lastDabs } from './dabs-reader.js';
import { type Replaced, releaseReplaced } from './replaced.js';
import { type CanvasState, emptyState } from './state.js';
import type { WorkingState } from './working-state.js';

type Mark = 'done' | 'undone' | 'gone';

interface Entry {
  readonly type: number;
  readonly contextId: number;
  readonly payload: Uint8Array;
  mark: Mark;
  isSaved: boolean;
  /** What the canvas was like before the next entry. */
  state: CanvasState | undefined;
  /** What the canvas has replaced since then, up to the next state that is kept. */
  replaced: Replaced[];
  /** The run of dabs that it was last drawn in, 0: by itself. */
  group: number;
}

export type HistoryMessage = Pick<Entry, 'type' | 'contextId' | 'payload'>;

/** Who does the messages. */
export interface Performer {
  readonly state: WorkingState;
  /** One message by itself. */
  perform(message: HistoryMessage): void;
  /** Neighbouring dabs in one go. */
  performRun(messages: readonly HistoryMessage[]): void;
}

const undoPointType = 128;
const syncSelectionTileType = 177;
const nobody = 0;

export const initialUndoDepth = 30;
const leastUndoDepth = 3;
/** How many dab messages clients draw in one go at most. */
const longestRun = 8192;
/** What an entry takes besides its payload, about. */
const entryBytes = 200;

export class History {
  readonly #performer: Performer;
  readonly #maxBytes: number;
  #depth = initialUndoDepth;
  #entries: Entry[] = [];
  /** The entry that the history begins with; before it stands only what is needed to come to its state. */
  #first = 0;
  #bytes = 0;
  #marksNext = false;
  #lastGroup = 0;
  /** A state is kept at every so many undo points. */
  #stride = 1;
  #undoPoints = 0;

  constructor(performer: Performer, maxBytes: number) {
    this.#performer = performer;
    this.#maxBytes = maxBytes;
    this.reset();
  }

  get depth(): number {
    return this.#depth;
  }

  /** Messages that are kept, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Every state that is kept. */
  states(): CanvasState[] {
    return this.#entries.flatMap((entry) => entry.state ?? []);
  }

  /** UndoDepth: nothing from before can be undone any more. */
  setDepth(depth: number): void {
    this.#depth = Math.min(255, Math.max(leastUndoDepth, depth));
    this.reset();
  }

  /** A full reset: nothing is there, and the depth is the usual one. */
  clear(): void {
    this.#depth = initialUndoDepth;
    releaseOld(this.#entries);
    this.#performer.state.release();
    this.#performer.state.restore(emptyState());
    this.reset();
  }

  /** Begins anew with the canvas as it is. */
  reset(): void {
    releaseOld(this.#entries);
    this.#entries = [
      {
        type: undoPointType,
        contextId: nobody,
        payload: new Uint8Array(0),
        mark: 'done',
        isSaved: true,
        state: this.#performer.state.freeze(),
        replaced: this.#performer.state.listReplaced(),
        group: 0,
      },
    ];
    this.#first = 0;
    this.#bytes = entryBytes;
    this.#marksNext = false;
    this.#stride = 1;
    this.#undoPoints = 0;
  }

  /** Takes the next message. `isDone`: it is to be done now, by the caller; otherwise it only stands there, undone. */
  add(type: number, contextId: number, payload: Uint8Array): boolean {
    const isDone = !this.#marksNext;
    this.#marksNext = false;
    const entry: Entry = {
      type,
      contextId,
      payload: type === undoPointType ? payload : new Uint8Array(payload),
      mark: isDone ? 'done' : 'undone',
      isSaved: false,
      state: undefined,
      replaced: [],
      group: 0,
    };
    this.#entries.push(entry);
    this.#bytes += entryBytes + payload.length;
    if (isDone && type === undoPointType) {
      this.#save(entry);
      this.#forget(contextId);
    }
    if (this.#bytes > this.#maxBytes) this.#shorten();
    return isDone;
  }

  /** False: there is nothing to undo or redo. */
  undo(contextId: number, overrideUser: number, isRedo: boolean): boolean {
    const user = overrideUser === 0 ? contextId : overrideUser;
    if (user === nobody) {
      this.#marksNext = true;
      return true;
    }
    const from = isRedo ? this.#markRedone(user) : this.#markUndone(user);
    if (from === undefined) return false;
    this.#replay(from);
    return true;
  }

  /** Lets go of states that can be come to otherwise. False: there are none. */
  thin(): boolean {
    const kept = this.#entries.filter((entry) => entry.state !== undefined);
    const spare = kept.filter((_, index) => index % 2 === 1);
    spare.forEach((entry, index) => {
      entry.state = undefined;
      // the list of the last one continues being added to: the state before takes that very list
      const before = kept[index * 2]!;
      entry.replaced.push(...before.replaced);
      before.replaced = entry.replaced;
      entry.replaced = [];
    });
    this.#stride = Math.min(64, this.#stride * 2);
    return spare.length > 0;
  }

  #save(entry: Entry): void {
    entry.isSaved = true;
    if (this.#undoPoints++ % this.#stride === 0) {
      entry.state = this.#performer.state.freeze();
      entry.replaced = this.#performer.state.listReplaced();
    }
  }

  /** After an undo point of a user: what he undid cannot be redone, and what is too far back is let go. */
  #forget(user: number): void {
    const entries = this.#entries;
    let depth = 1;
    let at = entries.length - 2;
    for (; at >= this.#first && depth < this.#depth; at--) {
      const entry = entries[at]!;
      if (entry.type === undoPointType) depth++;
      if (entry.contextId === user && entry.mark === 'undone') {
        entry.mark = 'gone';
        entry.isSaved = false;
      }
    }
    while (at > this.#first && !entries[at]!.isSaved) at--;
    if (at > this.#first) {
      this.#first = at;
      this.#dropBefore(this.#stateAtOrBefore(at) ?? 0);
    }
  }

  #dropBefore(index: number): void {
    if (index <= 0) return;
    const dropped = this.#entries.splice(0, index);
    for (const entry of dropped) this.#bytes -= entryBytes + entry.payload.length;
    releaseOld(dropped);
    this.#first = Math.max(0, this.#first - index);
  }

  /**
   * From the newest undo point on back: the index of the last one of a user that `look` finds, until it says stop.
   * Undefined: there is none, or the search went too deep, even where something was found.
   */
  #searchBack(
    user: number,
    look: (mark: Mark) => 'found' | 'found, stop' | 'stop' | 'on',
  ): number | undefined {
    const entries = this.#entries;
    let depth = 0;
    let found: number | undefined;
    for (let at = entries.length - 1; at >= this.#first && depth <= this.#depth; at--) {
      const entry = entries[at]!;
      if (entry.type !== undoPointType) continue;
      depth++;
      if (entry.contextId !== user) continue;
      const answer = look(entry.mark);
      if (answer === 'found' || answer === 'found, stop') found = at;
      if (answer === 'found, stop' || answer === 'stop') break;
    }
    return depth > this.#depth ? undefined : found;
  }

  /** The index from where the undo takes place; undefined: there is nothing to undo, or it is too far back. */
  #markUndone(user: number): number | undefined {
    const found = this.#searchBack(user, (mark) => (mark === 'done' ? 'found, stop' : 'on'));
    if (found === undefined) return undefined;
    for (let at = found; at < this.#entries.length; at++) {
      const entry = this.#entries[at]!;
      if (entry.mark === 'done' && entry.contextId === user && entry.type !== syncSelectionTileType) {
        entry.mark = 'undone';
      }
    }
    return found;
  }

  #markRedone(user: number): number | undefined {
    const entries = this.#entries;
    const found = this.#searchBack(user, (mark) => {
      if (mark === 'done') return 'stop';
      return mark === 'undone' ? 'found' : 'on';
    });
    if (found === undefined) return undefined;
    entries[found]!.mark = 'done';
    for (let at = found + 1; at < entries.length; at++) {
      const entry = entries[at]!;
      if (entry.contextId !== user) continue;
      if (entry.type === undoPointType && entry.mark !== 'gone') break;
      if (entry.mark === 'undone') entry.mark = 'done';
    }
    return found;
  }

  #stateAtOrBefore(index: number): number | undefined {
    for (let at = index; at >= 0; at--) if (this.#entries[at]!.state) return at;
    return undefined;
  }

  /** Does everything again from an entry on whose mark has changed. */
  #replay(from: number): void {
    let saved = from;
    while (saved > this.#first && !this.#entries[saved]!.isSaved) saved--;
    let kept = this.#stateAtOrBefore(saved);
    if (kept === undefined) {
      // what came before was let go; the first undo point's state is as good
      kept = this.#nextState(saved)!;
      saved = kept;
    }
    this.#bringBack(kept);
    this.#repeat(kept + 1, saved);
    this.#performAgain(saved + 1);
  }

  #bringBack(kept: number): void {
    const { state } = this.#performer;
    for (let at = kept; at < this.#entries.length; at++) {
      const entry = this.#entries[at]!;
      for (const { old, by } of entry.replaced) releaseReplaced(by, old);
      entry.replaced = [];
      // also of entries that are gone, which are not done again: it is of another past now
      if (at > kept) entry.state = undefined;
    }
    const entry = this.#entries[kept]!;
    state.restore(entry.state!);
    entry.replaced = state.listReplaced();
  }

  /** Comes from a kept state to a saved one, by what was done in between in the same way as it was done. */
  #repeat(start: number, end: number): void {
    let run: Entry[] = [];
    const flush = () => {
      if (run.length > 0) this.#performer.performRun(run);
      run = [];
    };
    for (let at = start; at <= end; at++) {
      const entry = this.#entries[at]!;
      if (entry.mark !== 'done' || entry.type === undoPointType) continue;
      if (run.length > 0 && run[0]!.group !== entry.group) flush();
      if (entry.group > 0) run.push(entry);
      else this.#performer.perform(entry);
    }
    flush();
  }

  /** A replay as clients make it: dabs are collected and drawn in one go. */
  #performAgain(start: number): void {
    let run: Entry[] = [];
    const flush = () => {
      if (run.length === 0) return;
      const group = run.length > 1 ? ++this.#lastGroup : 0;
      for (const entry of run) entry.group = group;
      if (group > 0) this.#performer.performRun(run);
      else this.#performer.perform(run[0]!);
      run = [];
    };
    for (let at = start; at < this.#entries.length; at++) {
      const entry = this.#entries[at]!;
      if (entry.mark === 'gone') continue;
      if (entry.type === undoPointType) {
        flush();
        this.#save(entry);
      } else if (entry.mark === 'undone') {
        // nothing: what stands around it is still drawn in one go
      } else if (entry.type >= firstDabs && entry.type <= lastDabs) {
        run.push(entry);
        if (run.length === longestRun) flush();
      } else {
        flush();
        entry.group = 0;
        this.#performer.perform(entry);
      }
    }
    flush();
  }

  /** Too many bytes: first goes what no undo comes back to, then the oldest undo points. */
  #shorten(): void {
    const enough = this.#maxBytes / 2;
    this.#dropAfterFirst();
    while (this.#bytes > enough) {
      const next = this.#nextState(this.#first);
      if (next === undefined) {
        this.reset();
        return;
      }
      this.#first = next;
      this.#dropBefore(next);
    }
  }

  #nextState(after: number): number | undefined {
    const at = this.#entries.findIndex((entry, index) => index > after && entry.state !== undefined);
    return at < 0 ? undefined : at;
  }

  /** What stands between the first entry and the first undo point, such as an entire reset image, is never undone. */
  #dropAfterFirst(): void {
    const first = this.#entries[this.#first]!;
    const next = this.#entries.findIndex((entry, at) => at > this.#first && entry.type === undoPointType);
    if (this.#first > 0 || first.state === undefined || !this.#entries[next]?.state) return;
    first.state = undefined;
    releaseOld([first]);
    this.#entries = [first, ...this.#entries.slice(next)];
    this.#bytes = this.#entries.reduce((sum, entry) => sum + entryBytes + entry.payload.length, 0);
  }
}

/** The oldest states go: nobody has any more what was replaced after them. */
function releaseOld(entries: readonly Entry[]): void {
  for (const entry of entries) {
    for (const { old, by } of entry.replaced) releaseReplaced(old, by);
    entry.replaced = [];
  }
}
