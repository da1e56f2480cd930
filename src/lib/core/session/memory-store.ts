// Sessions that live only as long as the process. What their journal would have is remembered for a successor of it.
import { addToSaved } from './journal-sum.js';
import { type HandedMemory, MemoryHistory } from './memory-history.js';
import type { FoundSession, Journal, SessionStore, StoredSession } from './needs.js';
import { emptySaved, type JournalEntry, type SavedSession } from './saved.js';

/** What another process needs of a session that is stored nowhere. */
interface HandedMemorySession {
  readonly saved: SavedSession;
  readonly history: HandedMemory;
}

class MemoryJournal implements Journal {
  readonly saved: SavedSession;
  readonly sizeBytes = 0;
  readonly isStored = true;

  constructor(saved: SavedSession) {
    this.saved = saved;
  }

  write(entry: JournalEntry): void {
    addToSaved(this.saved, entry);
  }

  whenStored(done: () => void): void {
    done();
  }

  end(): void {}
}

function memorySession(saved: SavedSession, history: MemoryHistory): StoredSession {
  const journal = new MemoryJournal(saved);
  const handOver = (): HandedMemorySession => ({ saved: journal.saved, history: history.handOver() });
  return { history, journal, saveThumbnail: () => {}, handOver };
}

/** Of a session whose data nobody asks for. */
const nameless = { id: '', protocol: '', alias: '', founder: '' };

export class MemoryStore implements SessionStore {
  readonly isPersistent = false;

  create({ id, protocol, alias, founder } = nameless): StoredSession {
    return memorySession({ ...emptySaved(id, protocol), alias, founder }, new MemoryHistory());
  }

  takeOver(handed: unknown): FoundSession {
    const { saved, history } = handed as HandedMemorySession;
    const session = memorySession(structuredClone(saved), MemoryHistory.takeOver(history));
    const { lastIndex } = session.history;
    return { ...session, saved, open: (done) => done({ usedIds: [], lastIndex }) };
  }
}
