// The input of the checks of `dp doctor`.

import type { SettingsReader } from '../../core/settings/settings.js';
import type { StartupValues } from '../../core/settings/startup.js';
import type { VariableProblem } from '../../core/settings/variable-text.js';
import type { Finding } from './catalogue.js';

/** What the server is given and has, as `dp serve` would start with it. */
export interface Examined {
  settings: SettingsReader;
  startup: StartupValues;
  /** What is wrong with the variables that it starts with. */
  startProblems: readonly VariableProblem[];
  store: 'database' | 'file' | 'memory';
  accounts: readonly { flags: readonly string[] }[];
  /** Whitelist entries that are complete addresses. */
  listServers: readonly string[];
  listServerCount: number;
  /** What is wrong with single rows of what is stored. */
  storedProblems: readonly { message: string; hint?: string }[];
  dataFolder: string;
  database: string | undefined;
  sessions: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** One check: nothing is changed, and nothing needs a running server. What it throws is a finding. */
export type Check = (examined: Examined) => Finding[] | Promise<Finding[]>;
