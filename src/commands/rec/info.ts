// dp rec info: what is in a recording.

import { Args } from '@oclif/core';
import { RecordingCommand, type ToldProblem, toldProblem } from '../../lib/cli/recording-command.js';
import { printable } from '../../lib/core/printable.js';
import { describePlace } from '../../lib/core/recording/items.js';
import { Summarizer, type Summary } from '../../lib/core/recording/summary.js';
import { describeSize } from '../../lib/core/units.js';

const verdicts: Readonly<Record<Summary['compatibility'], string>> = {
  compatible: 'known exactly',
  minor: 'known, another minor version',
  unknown: 'not known here',
  incompatible: 'not readable',
};

const listed = 10;

export type Info = Omit<Summary, 'problems'> & { file: string; problems: ToldProblem[] };

export default class RecInfo extends RecordingCommand {
  static override summary = 'Show what is in a recording.';
  static override description =
    `Header and version, messages by type, people and how much they did, how long it plays, and the
numbers of the messages where resets and undo points are (for dp rec cut).`;
  static override examples = ['<%= config.bin %> <%= command.id %> session.dprec'];
  static override args = {
    file: Args.string({ required: true, description: 'the recording, - for standard input' }),
  };

  async run(): Promise<Info> {
    const { args } = await this.parse(RecInfo);
    const summarizer = new Summarizer();
    const opened = await this.open(args.file);
    for await (const chunk of this.watched('reading', opened)) summarizer.read(chunk);
    const summary = summarizer.end();
    this.print(args.file, summary);
    return { file: args.file, ...summary, problems: summary.problems.map(toldProblem) };
  }

  private print(file: string, summary: Summary): void {
    const { byType, users, resets, undoPoints, problems } = summary;
    this.table(
      [
        ['file', file],
        ['format', summary.format === 'binary' ? 'binary (.dprec)' : 'text (.dptxt)'],
        ['version', `${summary.protocol ?? '(none)'}, ${verdicts[summary.compatibility]}`],
        ...Object.entries(summary.header)
          .filter(([key]) => key !== 'version')
          .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
        ['messages', `${summary.messages} (${describeSize(summary.bytes)})`],
        ['duration', summary.durationMs === 0 ? 'no times in it' : describeDuration(summary.durationMs)],
        ['undo points', `${undoPoints.length}${places(undoPoints)}`],
        [
          'resets',
          resets.length === 0 ? '0' : `${resets.length}${places(resets.map(({ message }) => message))}`,
        ],
        ['wrong messages', String(summary.invalid)],
      ],
      [
        { title: 'what', value: ([what]) => what },
        { title: 'value', value: ([, value]) => value },
      ],
    );
    this.log();
    this.table(
      byType,
      [
        { title: 'type', value: ({ type }) => type, align: 'right' },
        { title: 'message', value: ({ name }) => name },
        { title: 'count', value: ({ count }) => count, align: 'right' },
        { title: 'bytes', value: ({ bytes }) => bytes, align: 'right' },
        {
          title: 'share',
          value: ({ bytes }) => `${((bytes / Math.max(1, summary.bytes)) * 100).toFixed(2)}%`,
          align: 'right',
        },
      ],
      'There are no messages in it.',
    );
    this.log();
    this.table(users, [
      { title: 'id', value: ({ id }) => id, align: 'right' },
      { title: 'name', value: ({ name }) => name },
      { title: 'messages', value: ({ messages }) => messages, align: 'right' },
      { title: 'bytes', value: ({ bytes }) => bytes, align: 'right' },
      { title: 'strokes', value: ({ strokes }) => strokes, align: 'right' },
      { title: 'undos', value: ({ undos }) => undos, align: 'right' },
      { title: 'redos', value: ({ redos }) => redos, align: 'right' },
    ]);
    for (const problem of problems.slice(0, listed)) {
      this.logToStderr(
        `${file}: ${describePlace(problem)}: ${problem.severity}: ${printable(problem.message)}`,
      );
    }
    const more = problems.length + summary.moreProblems - listed;
    if (more > 0) this.logToStderr(`and ${more} more problems; dp rec verify lists them`);
  }
}

function places(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  const shown = numbers.slice(0, listed).join(', ');
  return numbers.length > listed ? `: messages ${shown} … ${numbers.at(-1)}` : `: messages ${shown}`;
}

function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
