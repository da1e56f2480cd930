// Sessions that live only as long as the process.
import { MemoryHistory } from './memory-history.js';
import type { SessionStore, StoredSession } from './needs.js';

export class MemoryStore implements SessionStore {
  readonly isPersistent = false;

  create(): StoredSession {
    return { history: new MemoryHistory(), journal: { write: () => {} }, saveThumbnail: () => {} };
  }
}
