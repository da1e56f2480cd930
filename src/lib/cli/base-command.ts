// What every command shares: --json, tables, and how an error becomes one clear line and an exit status.
// Commands extend this class, return what --json prints, and throw Refusal or Fault (core/errors.ts).

import type { ReasonCode } from '../core/errors/reasons.js';
import {
  type ErrorCode,
  type ErrorKind,
  type ExitName,
  exitStatus,
  exitStatusOf,
  Fault,
  fault,
  Refusal,
  refusal,
  reportOf,
} from '../core/errors.js';
import { printable, printableJson, printableLines, printableStyled } from '../core/printable.js';
import { closest } from '../core/settings/closest.js';
import { diskFull, reasonOf } from '../io/files/regular-file.js';
import { errorLines } from './error-lines.js';
import { Command, Errors, Flags } from './oclif.js';
import { type Column, formatTable } from './tables.js';
import { hasColor, isInteractive, processTerminal, styled, type Terminal, widthOf } from './terminal.js';

/** An error as terminals and scripts get it. */
export interface ErrorReport {
  code: ErrorCode;
  kind: ErrorKind;
  message: string;
  reason?: ReasonCode;
  hint?: string;
  exit: number;
}

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /** Replaced by tests. */
  terminal: Terminal = processTerminal;

  static override baseFlags = {
    json: Flags.boolean({ summary: 'Format output as JSON', helpGroup: 'GLOBAL' }),
    verbose: Flags.boolean({ summary: 'Print error codes', helpGroup: 'GLOBAL' }),
  };

  /** As typed: an error may come before flags are read. */
  private get isVerbose(): boolean {
    const end = this.argv.indexOf('--');
    return (end < 0 ? this.argv : this.argv.slice(0, end)).includes('--verbose');
  }

  protected get isInteractive(): boolean {
    return isInteractive(this.terminal) && !this.jsonEnabled();
  }

  /** One line: whatever a name or a title in it contains neither begins another one nor has colours. */
  override log(line = ''): void {
    if (!this.jsonEnabled()) this.terminal.stdout.write(`${printable(line)}\n`);
  }

  override logToStderr(line = ''): void {
    if (!this.jsonEnabled()) this.terminal.stderr.write(`${printable(line)}\n`);
  }

  /** Several lines, or styles of ours: what users wrote has to be `printable` in it. */
  protected logText(text: string): void {
    if (this.jsonEnabled()) return;
    const shown = hasColor(this.terminal) ? printableStyled(text) : printableLines(text);
    this.terminal.stdout.write(`${shown}\n`);
  }

  override logJson(json: unknown): void {
    this.terminal.stdout.write(`${printableJson(json, 2)}\n`);
  }

  /** A line on stderr that does not end the command. */
  override warn<T extends string | Error>(input: T): T {
    const text = typeof input === 'string' ? input : input.message;
    this.terminal.stderr.write(
      `${styled(this.terminal, 'yellow', 'warning:', 'stderr')} ${printable(text)}\n`,
    );
    return input;
  }

  /** Prints rows as a table that fits the terminal; `none` is said when there are no rows. Nothing with --json. */
  protected table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none?: string): void {
    if (this.jsonEnabled()) return;
    if (rows.length === 0) {
      // on stderr: a script that reads the rows gets none
      if (none !== undefined) this.logToStderr(none);
      return;
    }
    this.logText(
      formatTable(rows, columns, {
        width: widthOf(this.terminal),
        ...(hasColor(this.terminal) ? { title: (text: string) => styled(this.terminal, 'bold', text) } : {}),
      }),
    );
  }

  /** The command succeeded, but its result is negative: ends with this status, after the output. */
  protected endWith(name: ExitName): void {
    this.terminal.endWith(exitStatus[name]);
  }

  protected override async catch(error: unknown): Promise<never> {
    // this.exit() and Ctrl-C at a prompt: the message, if any, has been said
    if (error instanceof Errors.ExitError) throw error;
    const report = this.explain(error);
    if (this.jsonEnabled()) {
      this.logJson({ error: report });
    } else {
      const { message, hint, code, reason } = report;
      const codes = reason === undefined ? code : `${code}, ${reason}`;
      this.terminal.stderr.write(
        errorLines(this.terminal, { message, hint, code: this.isVerbose ? codes : undefined }),
      );
    }
    if (this.terminal.env.DP_DEBUG) {
      this.terminal.stderr.write(
        `${error instanceof Error ? printableLines(stackOf(error)) : printableLines(String(error))}\n`,
      );
    }
    this.terminal.endWith(report.exit);
    throw new Errors.ExitError(report.exit);
  }

  private explain(error: unknown): ErrorReport {
    const shown = this.presentable(error);
    return { ...reportOf(shown), exit: exitStatusOf(shown) };
  }

  private presentable(error: unknown): Refusal | Fault {
    if (error instanceof Refusal || error instanceof Fault) return error;
    if (error instanceof Errors.CLIError) {
      const problem = withoutHelpHint(error.message);
      const isUsage = 'parse' in error || error.oclif.exit === exitStatus.usage;
      return isUsage ? this.usage(problem, error) : fault('command-line-failed', { reason: problem });
    }
    // of an argument the library says it with a plain error
    if (error instanceof Error && notInteger.test(error.message)) return this.usage(error.message, error);
    // Ctrl-C or a closed terminal while a prompt was open
    if (error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')) {
      return refusal('stopped');
    }
    // what the system refuses is not a mistake of ours; its message names the file
    if (error instanceof Error && 'syscall' in error && 'code' in error) {
      const place = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
      const full = diskFull(place ?? 'a file', error);
      if (full) return full;
      const reason = reasonOf(error);
      if (place !== undefined) return fault('path-unusable', { path: place, reason }, error);
      return fault('system-call-failed', { reason: error.message });
    }
    return fault('bug', { reason: error instanceof Error ? error.message : String(error) });
  }

  private usage(problem: string, error: Error): Refusal {
    const command = `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`;
    const unknown = 'flags' in error && Array.isArray(error.flags) ? String(error.flags[0] ?? '') : '';
    const known = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags, json: true, help: true });
    const near = unknown.startsWith('--') ? closest(unknown.slice(2), known) : undefined;
    return refusal('usage', { problem: inOurWords(problem), command, near });
  }
}

/** What the library says of a number, of a flag or of an argument. */
const notInteger =
  /^(?:Parsing (?<flag>--\S+)\s+)?Expected an integer(?: (?<side>greater|less) than or equal to (?<bound>-?\d+))? but received: (?<value>.*)$/s;

function inOurWords(problem: string): string {
  const { flag, side, bound, value } = notInteger.exec(problem)?.groups ?? {};
  if (value === undefined) return problem;
  const range = side === undefined ? '' : side === 'greater' ? ` from ${bound} on` : ` up to ${bound}`;
  return `invalid value '${value}'${flag === undefined ? '' : ` for ${flag}`}: expected a whole number${range}`;
}

function withoutHelpHint(message: string): string {
  return message.replace(/\nSee more help with --help$/, '');
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
