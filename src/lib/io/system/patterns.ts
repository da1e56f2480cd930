// Regular expressions that administrators write: they cannot hang the server. Nearly all run in linear time (RE2);
// the few that RE2 cannot do (look-around, back references) get a bounded time of computing and are switched off when they use it up.

import { readFileSync } from 'node:fs';
import * as vm from 'node:vm';
import { canonicalName } from '../../core/names.js';
import type { NameRules } from '../../core/session/needs.js';
import type { SettingsReader } from '../../core/settings/settings.js';
import { lazyPackage } from './lazy-packages.js';

/** How long a pattern that is not linear may compute, and how much text it gets. */
const boundMs = 20;
/**
 * How long it may last by the clock, try by try: on a busy machine time passes in which nothing is computed, and a
 * restriction is not switched off for that.
 */
const lastsMs = [boundMs, 40, 80, 160, 320] as const;
const boundLength = 500;

export interface Pattern {
  matches(text: string): boolean;
  /** The text without what matches. */
  strip(text: string): string;
}

export interface PatternOptions {
  ignoresCase?: boolean;
  /** A dot matches a line end, too. */
  dotMatchesAll?: boolean;
  /** Called once when the pattern took too long and no longer matches anything. */
  onSwitchedOff?: () => void;
  /** Processor time that this thread has used, in milliseconds. */
  usedMs?: () => number;
}

/** Compiles a pattern in Perl's syntax, searched anywhere in a text; an error text when it cannot be used. */
export function compilePattern(source: string, options: PatternOptions = {}): Pattern | { error: string } {
  const { RE2JS } = lazyPackage('re2js');
  const flags =
    (options.ignoresCase ? RE2JS.CASE_INSENSITIVE : 0) | (options.dotMatchesAll ? RE2JS.DOTALL : 0);
  try {
    const linear = RE2JS.compile(source, flags);
    return {
      matches: (text) => linear.matcher(text).find(),
      strip: (text) => linear.matcher(text).replaceAll(''),
    };
  } catch {
    return compileBounded(source, options);
  }
}

function compileBounded(source: string, options: PatternOptions): Pattern | { error: string } {
  let expression: RegExp;
  try {
    expression = new RegExp(source, `${options.ignoresCase ? 'i' : ''}${options.dotMatchesAll ? 's' : ''}g`);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const context = vm.createContext({ expression, text: '' });
  const search = new vm.Script('text.search(expression) >= 0');
  const replace = new vm.Script("text.replace(expression, '')");
  const usedMs = options.usedMs ?? threadUsedMs;
  let isOff = false;
  const run = <T>(script: vm.Script, text: string, otherwise: T): T => {
    if (isOff) return otherwise;
    context.text = text.slice(0, boundLength);
    for (const timeout of lastsMs) {
      const before = usedMs();
      try {
        return script.runInContext(context, { timeout }) as T;
      } catch (error) {
        // half: a processor that others use as well is not a reason to continue trying
        if (!isTimeout(error) || usedMs() - before >= boundMs / 2) break;
      }
    }
    isOff = true;
    options.onSwitchedOff?.();
    return otherwise;
  };
  return { matches: (text) => run(search, text, false), strip: (text) => run(replace, text, text) };
}

/**
 * Of this thread only: others check passwords meanwhile, and whoever makes them do so would switch a restriction off. Where
 * the system does not say it (other than Linux), of the process.
 */
export function threadUsedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Forbidden names by the settings forbiddenNameRegex and filterNameRegex, compiled anew when they change. */
export class PatternNameRules implements NameRules {
  readonly #settings: SettingsReader;
  readonly #onProblem: (message: string) => void;
  readonly #compiled = new Map<string, { source: string; pattern: Pattern | undefined }>();

  constructor(settings: SettingsReader, onProblem: (message: string) => void) {
    this.#settings = settings;
    this.#onProblem = onProblem;
  }

  isForbidden(text: string): boolean {
    const forbidden = this.#pattern('forbiddenNameRegex');
    if (!forbidden) return false;
    const filter = this.#pattern('filterNameRegex');
    // Also in the form in which names are compared: characters that nobody sees hide nothing.
    return [text, canonicalName(text)].some((form) => forbidden.matches(filter ? filter.strip(form) : form));
  }

  /** Undefined: not set, or not usable. */
  #pattern(name: 'forbiddenNameRegex' | 'filterNameRegex'): Pattern | undefined {
    const source = this.#settings.get(name);
    const known = this.#compiled.get(name);
    if (known?.source === source) return known.pattern;
    const pattern = source === '' ? undefined : this.#compile(name, source);
    this.#compiled.set(name, { source, pattern });
    return pattern;
  }

  #compile(name: string, source: string): Pattern | undefined {
    const compiled = compilePattern(source, {
      ignoresCase: true,
      dotMatchesAll: true,
      onSwitchedOff: () =>
        this.#onProblem(`${name} took too long and is disabled until it changes: ${source}`),
    });
    if (!('error' in compiled)) return compiled;
    this.#onProblem(`${name} is invalid: ${compiled.error}`);
    return undefined;
  }
}
