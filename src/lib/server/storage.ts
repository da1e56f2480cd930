// The storage of a server: session folder, recordings, templates. Created before the server starts, opened when its
// sockets are bound and it runs as its user, closed after its sessions have ended.
import type {
  Clock,
  FoundSession,
  Log,
  LogLevel,
  Passwords,
  Recorder,
  SessionStore,
  Templates,
} from '../core/session/needs.js';
import type { SettingsReader } from '../core/settings/settings.js';
import { Disk, type Durability } from '../io/disk/disk.js';
import { Recordings } from '../io/disk/recorder.js';
import { SessionFolder } from '../io/disk/session-folder.js';
import { TemplateFolder } from '../io/disk/template-folder.js';
import { systemClock } from '../io/system/clock.js';
import { SystemPasswords } from '../io/system/passwords.js';

export interface StorageOptions {
  settings: SettingsReader;
  log: Log;
  clock?: Clock;
  /** `--sessions`; undefined: sessions end with the server. */
  sessions?: string | undefined;
  /** `--durability` */
  durability?: Durability | undefined;
  /** `--record`: all sessions, from their start. */
  record?: string | undefined;
  /** Where recordings that administrators ask for go, where there is no `record`. */
  recordings?: string | undefined;
  /** `--templates` */
  templates?: string | undefined;
  passwords?: Passwords;
}

/** Parts for `startServer`, and what is to be called around it. */
export interface Storage {
  readonly parts: {
    store?: SessionStore;
    makeRecorder?: (session: { id: string; alias: string; protocol: string }) => Recorder;
    recordWhenAsked?: (session: { id: string; alias: string; protocol: string }) => Recorder;
    templates?: Templates;
  };
  readonly writes: Disk['writes'];
  readonly templates: TemplateFolder | undefined;
  /** Files that are being recorded, complete paths. */
  recordingPaths(): ReadonlySet<string>;
  /** What cannot be written at the moment. */
  readonly problems: readonly string[];
  /** The sessions that are there. Throws a Fault when the folder cannot be used. */
  open(): FoundSession[];
  /** After all sessions have ended: resolves when everything is written. */
  stop(): Promise<void>;
}

/** Throws a Refusal when there is no folder for templates. */
export async function makeStorage(options: StorageOptions): Promise<Storage> {
  const { settings, log, clock = systemClock } = options;
  const disk = new Disk(options.durability ?? 'os', () => clock.monotonic());
  const report = (level: LogLevel, message: string, session?: string): void =>
    log.write({
      time: clock.now(),
      level,
      topic: 'Status',
      message,
      ...(session !== undefined && { session }),
    });
  const folder =
    options.sessions === undefined
      ? undefined
      : new SessionFolder({
          path: options.sessions,
          disk,
          isArchiving: () => settings.get('archive'),
          report,
        });
  const pattern = options.record ?? (options.recordings && `${options.recordings}/`);
  const recordings =
    pattern === undefined
      ? undefined
      : new Recordings({ pattern, disk, now: () => new Date(clock.now()), report });
  const templates =
    options.templates === undefined
      ? undefined
      : await TemplateFolder.open({
          path: options.templates,
          passwords: options.passwords ?? new SystemPasswords(),
          report,
        });
  templates?.watch();
  return {
    parts: {
      ...(folder && { store: folder }),
      ...(templates && { templates }),
      ...(recordings && { recordWhenAsked: (session) => recordings.make(session) }),
      ...(recordings &&
        options.record !== undefined && { makeRecorder: (session) => recordings.make(session) }),
    },
    writes: disk.writes,
    templates,
    recordingPaths: () => recordings?.paths ?? new Set(),
    get problems() {
      return disk.problems;
    },
    open: () => folder?.load() ?? [],
    async stop() {
      await folder?.stop();
      await recordings?.stop();
      await templates?.close();
    },
  };
}
