// The configuration of a session: the values that operators can change, how they are stored, and how members are
// notified (sessions.md §9.2). sessionconf.ts checks permissions.
import type { Buffer } from 'node:buffer';
import {
  anyRow,
  type OptionKey,
  type SessionOptions,
  type SettingValue,
  sessionSettings,
  usersAtMost,
} from '../settings/session-settings.js';
import type { SettingsReader } from '../settings/settings.js';
import { settingEntries } from './journal-sum.js';
import type { Phase } from './phase.js';
import { replies } from './replies.js';
import type { JournalEntry, SavedSession, SettingEntry } from './saved.js';
import { type ConfigFacts, configObject, flagsOf, optionsFrom } from './session-options.js';
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

/** Of a session that is made from a template: the founder is in its first lines, the others are written in any case. */
const writtenApart: readonly OptionKey[] = ['founder', 'maxUserCount', 'resetThreshold'];

export class Configuration {
  readonly options: SessionOptions;
  readonly #session: ConfigurationSession;

  constructor(session: ConfigurationSession, saved: SavedSession) {
    this.#session = session;
    this.options = optionsFrom(saved, session.needs.settings.get('autoResetThreshold'));
  }

  get founder(): string {
    return this.options.founder;
  }

  /** Sets it and remembers it; flags are remembered together, by `writeFlags`. */
  set<Key extends OptionKey>(name: Key, value: SettingValue<Key>): void {
    this.options[name] = value as SessionOptions[Key];
    if (sessionSettings[name].type !== 'flag') this.#write(name);
  }

  #write(name: OptionKey): void {
    this.#session.write({ key: 'setting', name, value: this.options[name] } as SettingEntry);
  }

  /**
   * Makes a setting what the server's settings require (sessions.md §9.2). False: it was so already. An autoreset
   * threshold below the server's minimum is raised to it; 0 stays (formats.md §6.1 AUTORESET).
   */
  meet(name: OptionKey): boolean {
    const now = this.options[name];
    const { required: rule } = anyRow(name);
    const required = rule ? rule(now, this.#session.needs.settings) : now;
    if (required === now) return false;
    this.set(name, required as typeof now);
    return true;
  }

  /** Remembers the flags after some changed. */
  writeFlags(): void {
    this.#session.write({ key: 'flags', flags: flagsOf(this.options) });
  }

  /**
   * Values that a new session starts with; sessions.md §26, last paragraph. Nothing is announced. `password`: the
   * stored form.
   */
  initialize(values: { flags: Partial<SessionOptions>; password: string }): void {
    const { options } = this;
    Object.assign(options, values.flags);
    if (values.password !== '') this.#session.password.keep(values.password);
    if (flagsOf(options).length > 0) this.writeFlags();
    this.#write('resetThreshold');
    if (options.maxUserCount !== usersAtMost) this.#write('maxUserCount');
  }

  /** Everything about a session that comes from a template; formats.md §7. */
  writeAll(saved: SavedSession, announce: string): void {
    const write = (entry: JournalEntry) => this.#session.write(entry);
    this.#write('maxUserCount');
    const entries = settingEntries(saved).filter(({ name }) => !writtenApart.some((each) => each === name));
    const isPassword = ({ name }: SettingEntry) => sessionSettings[name].type === 'password';
    for (const entry of entries.filter(isPassword)) write(entry);
    for (const entry of entries.filter((each) => !isPassword(each))) write(entry);
    if (announce) write({ key: 'announce', url: announce });
    this.writeFlags();
    this.#write('resetThreshold');
  }

  /** The full configuration into the history: everyone gets it, late joiners end with the newest. */
  store(): void {
    const frame = this.#frame(this.#session.flow.anchor());
    if (frame) this.#session.flow.store(frame);
  }

  /** The server's settings changed: everyone is notified at once, also where there is no room in the history any more. */
  sendServerSettings(): void {
    const { autoReset, flow, phase } = this.#session;
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
    const { flow, needs, opword, password } = this.#session;
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
