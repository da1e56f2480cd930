// The lobby: sends the list of sessions to a user who has identified themselves, and every change of it (login.md
// §8).
import type { Buffer } from 'node:buffer';
import { frameReply, type JsonObject } from '../protocol/command.js';
import type { LobbyWatcher, SessionChange, SessionDirectory } from '../session/directory.js';
import type { SettingsReader } from '../settings/settings.js';

export interface LobbyNeeds {
  settings: SettingsReader;
  directory: SessionDirectory;
  /** False: it does not fit into a message. */
  send(reply: JsonObject): boolean;
  sendFrame(frame: Buffer): void;
  /** Moderators see everything. */
  isModerator: boolean;
  /** A session was looked up: it is joined without looking at others. */
  hasChosen: boolean;
}

export class Lobby implements LobbyWatcher {
  readonly #needs: LobbyNeeds;
  /** Sessions that were shown. */
  readonly #shown = new Set<string>();

  constructor(needs: LobbyNeeds) {
    this.#needs = needs;
  }

  /** The list of sessions; from now on every change follows. */
  open(): void {
    const { settings, directory, send, isModerator, hasChosen } = this.#needs;
    const title = settings.get('serverTitle');
    const isHidden = hasChosen || settings.get('mandatoryLookup');
    const sessions = isHidden ? [] : directory.describeAll(isModerator);
    const welcome = { type: 'login', message: 'Welcome', ...(title && { title }) };
    for (const { id } of sessions) if (id) this.#shown.add(id);
    if (!send({ ...welcome, sessions })) {
      send({ ...welcome, sessions: [] });
      for (const session of sessions) send({ type: 'login', message: 'Welcome', sessions: [session] });
    }
    if (!settings.get('mandatoryLookup')) directory.watch(this);
  }

  /** Sessions that were shown, for a successor of this process. */
  get shown(): ReadonlySet<string> {
    return this.#shown;
  }

  /** Continues a list that was shown by a predecessor of this process. */
  reopen(shown: ReadonlySet<string>): void {
    for (const id of shown) this.#shown.add(id);
    if (!this.#needs.settings.get('mandatoryLookup')) this.#needs.directory.watch(this);
  }

  close(): void {
    this.#needs.directory.unwatch(this);
  }

  sessionChanged(change: SessionChange): void {
    const { description } = change;
    const { id } = description;
    if (change.isUnlisted && !this.#needs.isModerator) {
      if (id) this.sessionEnded(id);
      return;
    }
    if (id) this.#shown.add(id);
    change.frame ??= frameReply({ type: 'login', message: 'New session', sessions: [description] });
    if (change.frame) this.#needs.sendFrame(change.frame);
  }

  sessionEnded(id: string): void {
    if (this.#shown.delete(id)) {
      this.#needs.send({ type: 'login', message: 'Session ended', remove: [id] });
    }
  }
}
