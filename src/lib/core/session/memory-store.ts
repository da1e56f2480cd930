// Sessions that live only as long as the process.
import { MemoryHistory } from './memory-history.js';
import type { Journal, SessionStore, StoredSession } from './needs.js';

const memoryJournal: Journal = {
  write: () => {},
  sizeBytes: 0,
  isStored: true,
  whenStored: (done) => done(),
  end: () => {},
};

export class MemoryStore implements SessionStore {
  readonly isPersistent = false;

  create(): StoredSession {
    return { history: new MemoryHistory(), journal: memoryJournal, saveThumbnail: () => {} };
  }
}
