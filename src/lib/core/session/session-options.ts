// The options of a session that operators can set, and the `sessionconf` message that notifies clients of them
// (sessions.md §9.2). sessionconf.ts checks changes.
import type { JsonObject } from '../protocol/command.js';
import { clampBytes } from '../settings/session-setting-values.js';
import {
  clampUserCount,
  type OptionKey,
  optionKeys,
  type SessionFlag,
  type SessionOptions,
  type ShowConditions,
  type Shown,
  type ShownValues,
  type ShowPlace,
  type SometimesCondition,
  sessionFlags,
  sessionSettings,
  type ValueKey,
} from '../settings/session-settings.js';
import type { SavedSession } from './saved.js';

/** The initial options of a session. `resetThreshold`: bytes, used if none is stored. */
export function optionsFrom(stored: SavedSession, resetThreshold: number): SessionOptions {
  const flags = Object.fromEntries(sessionFlags.map((key) => [key, stored.flags.has(key)]));
  const values = Object.fromEntries(
    optionKeys.filter((key) => !(key in flags)).map((key) => [key, stored[key as ValueKey]]),
  );
  const options = { ...values, ...flags } as SessionOptions;
  options.maxUserCount = clampUserCount(options.maxUserCount);
  options.resetThreshold = stored.resetThreshold ?? resetThreshold;
  options.overrideSize = clampBytes(options.overrideSize);
  return options;
}

export function flagsOf(options: Readonly<Record<SessionFlag, boolean>>): SessionFlag[] {
  return sessionFlags.filter((key) => options[key]);
}

/** What each place shows, and when: read once, as every join shows the lobby. */
const shownIn = { lobby: shownAt('lobby'), members: shownAt('members'), details: shownAt('details') };

function shownAt(place: ShowPlace) {
  return optionKeys.flatMap((key) => {
    const shown: Shown | undefined = sessionSettings[key][place];
    return shown === undefined ? [] : [{ key, shown }];
  });
}

/** The settings that are shown in one place. */
export function shownValues<Place extends ShowPlace>(
  place: Place,
  options: SessionOptions,
  conditions: Pick<ShowConditions, SometimesCondition<Place>>,
): ShownValues<Place> {
  const holds: Partial<ShowConditions> = conditions;
  const values: Partial<Record<OptionKey, unknown>> = {};
  for (const { key, shown } of shownIn[place]) {
    if (shown === true || holds[shown]) values[key] = options[key];
  }
  return values as ShownValues<Place>;
}

/** What the message contains beside the options. */
export interface ConfigFacts {
  hasPassword: boolean;
  hasOpword: boolean;
  resetThresholdBase: number;
  resetThresholdMin: number;
  maxSize: number;
  forceNsfm: boolean;
  idleTimeLimit: number;
  allowIdleOverride: boolean;
  /** Only where the server listens for WebSockets. */
  web: { preferWebSockets: boolean } | undefined;
}

/** The full `config` object. */
export function configObject(options: SessionOptions, { web, ...facts }: ConfigFacts): JsonObject {
  return {
    closed: null,
    ...shownValues('members', options, { hasWebSockets: web !== undefined }),
    ...facts,
    ...web,
  };
}
