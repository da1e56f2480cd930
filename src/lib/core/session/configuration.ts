// How a session is set up: the values that operators can change, what is remembered of them, and how everyone is notified
// (sessions.md §9.2). Permissions are checked in sessionconf.ts.
import type { Buffer } from 'node:buffer';
import type { SettingsReader } from '../settings/settings.js';
import type { Phase } from './phase.js';
import { replies } from './replies.js';
import type { JournalEntry, SavedSession } from './saved.js';
import {
  type ConfigFacts,
  clampUserCount,
  configObject,
  flagsOf,
  optionsFrom,
  type SessionOptions,
} from './session-options.js';
import type { SessionPassword } from './session-password.js';

export interface ConfigurationSession {
  readonly needs: {
    readonly settings: SettingsReader;
    /** Whether there is a WebSocket listener. */
    readonly hasWebSockets: boolean;
  };
  readonly phase: Pick<Phase, 'isEnded'>;
  readonly password: SessionPassword;
  readonly opword: SessionPassword;
  readonly autoReset: { check(): void };
  readonly flow: {
    readonly sizeLimit: number;
    readonly resetBase: number;
    hasRoomFor(bytes: number): boolean;
    anchor(): string | undefined;
    store(frame: Buffer): boolean;
    sendToAll(frame: Buffer | undefined): void;
    notifyOutOfSpace(): void;
  };
  write(entry: JournalEntry): void;
}

export class Configuration {
  readonly options: SessionOptions;
  readonly #room: ConfigurationSession;
  #founder: string;

  constructor(room: ConfigurationSession, saved: SavedSession) {
    this.#room = room;
    this.#founder = saved.founder;
    this.options = optionsFrom(saved, saved.autoReset ?? room.needs.settings.get('autoResetThreshold'));
  }

  get founder(): string {
    return this.#founder;
  }

  setFounder(name: string): void {
    this.#founder = name;
    this.#room.write({ key: 'founder', name });
  }

  /** An autoreset threshold below the server's minimum is raised to it; 0 stays. False: it was high enough. formats.md §6.1 AUTORESET */
  raiseThreshold(): boolean {
    const { resetThreshold } = this.options;
    const least = this.#room.needs.settings.get('minimumAutoResetThreshold');
    if (resetThreshold === 0 || resetThreshold >= least) return false;
    this.options.resetThreshold = least;
    this.#room.write({ key: 'autoReset', bytes: least });
    return true;
  }

  /** Remembers the flags after some changed. */
  writeFlags(): void {
    this.#room.write({ key: 'flags', flags: flagsOf(this.options) });
  }

  /**
   * Values that a new session starts with; sessions.md §26, last paragraph. Nothing is announced. `password`: the
   * stored form.
   */
  initialize(values: { flags: Partial<SessionOptions>; password: string }): void {
    const { options } = this;
    Object.assign(options, values.flags);
    if (values.password !== '') this.#room.password.keep(values.password);
    if (flagsOf(options).length > 0) this.writeFlags();
    this.#room.write({ key: 'autoReset', bytes: options.resetThreshold });
    if (options.maxUserCount !== clampUserCount(254))
      this.#room.write({ key: 'maxUsers', count: options.maxUserCount });
  }

  /** Everything about a session that comes from a template; formats.md §7. */
  writeAll(saved: SavedSession, announce: string): void {
    const { options } = this;
    const write = (entry: JournalEntry) => this.#room.write(entry);
    write({ key: 'maxUsers', count: options.maxUserCount });
    if (saved.password) write({ key: 'password', stored: saved.password });
    if (saved.opword) write({ key: 'opword', stored: saved.opword });
    if (options.title) write({ key: 'title', title: options.title });
    if (announce) write({ key: 'announce', url: announce });
    this.writeFlags();
    write({ key: 'autoReset', bytes: options.resetThreshold });
  }

  /** The full configuration into the history: everyone gets it, late joiners end with the newest. */
  store(): void {
    const frame = this.#frame(this.#room.flow.anchor());
    if (frame) this.#room.flow.store(frame);
  }

  /** The server's settings changed: everyone is notified at once, also where there is no room in the history any more. */
  sendServerSettings(): void {
    const { autoReset, flow, phase } = this.#room;
    if (phase.isEnded) return;
    const frame = this.#frame(flow.anchor());
    if (frame && !flow.hasRoomFor(frame.length)) {
      flow.sendToAll(this.#frame(undefined));
      flow.notifyOutOfSpace();
    } else if (frame) {
      flow.store(frame);
    }
    autoReset.check();
  }

  #frame(anchor: string | undefined): Buffer | undefined {
    return replies.sessionConf(configObject(this.options, this.#facts), anchor);
  }

  get #facts(): ConfigFacts {
    const { flow, needs, opword, password } = this.#room;
    const { settings } = needs;
    return {
      hasPassword: password.isAnnounced,
      hasOpword: opword.isAnnounced,
      resetThresholdBase: flow.resetBase,
      resetThresholdMin: settings.get('minimumAutoResetThreshold'),
      maxSize: flow.sizeLimit,
      forceNsfm: settings.get('forceNsfm'),
      idleTimeLimit: settings.get('idleTimeLimit'),
      allowIdleOverride: settings.get('allowIdleOverride'),
      web: needs.hasWebSockets ? { preferWebSockets: settings.get('preferWebSockets') } : undefined,
    };
  }
}
