// dp rec info: what is in a recording.

import { type CanvasPreview, previewCanvas } from '../../lib/cli/canvas-preview.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import {
  counted,
  RecordingCommand,
  type ShownProblem,
  shownProblem,
} from '../../lib/cli/recording-command.js';
import { pictureProtocolOf, pictureProtocols, terminalPicture } from '../../lib/cli/terminal-picture.js';
import { blendModes } from '../../lib/core/canvas/blend/modes.js';
import type { CanvasSummary, LayerSummary } from '../../lib/core/canvas/canvas.js';
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

/** Drawing more than this takes long: a picture is then made only when it is asked for. */
const mostUnaskedBytes = 16 * 1024 * 1024;

export type Info = Omit<Summary, 'problems'> & {
  file: string;
  problems: ShownProblem[];
  /** Not there when such recordings cannot be drawn. */
  canvas?: CanvasSummary;
};

export default class RecInfo extends RecordingCommand {
  static override summary = 'Show what a recording contains';
  static override description =
    `Shows header and version, messages by type, users and how much they did, the duration, the message numbers of resets
and undo points (for dp rec cut), and the size and layers of the final canvas. In a terminal, a small picture of
the canvas is shown as well.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec',
    '<%= config.bin %> <%= command.id %> session.dprec --picture none',
  ];
  static override args = {
    file: Args.string({ required: true, description: 'Recording to read, - for standard input' }),
  };
  static override flags = {
    picture: Flags.option({
      options: ['auto', 'none', ...pictureProtocols] as const,
      default: 'auto' as const,
      description: 'How to show the picture (auto: as the terminal supports, none elsewhere)',
    })(),
  };

  async run(): Promise<Info> {
    const { args, flags } = await this.parse(RecInfo);
    const summarizer = new Summarizer();
    const opened = await this.open(args.file);
    const isLong = opened.fileBytes === undefined || opened.fileBytes > mostUnaskedBytes;
    const known = isLong ? undefined : pictureProtocolOf(this.terminal);
    const protocol = flags.picture === 'auto' ? known : flags.picture;
    const wantsPicture = protocol !== undefined && protocol !== 'none' && !this.jsonEnabled();
    const look = await previewCanvas(
      this.watched(wantsPicture ? 'drawing' : 'reading', opened),
      (chunk) => summarizer.read(chunk),
      wantsPicture,
    );
    const summary = summarizer.end();
    if (look.picture && wantsPicture) {
      this.terminal.stdout.write(`${terminalPicture(look.picture, protocol, this.terminal)}\n`);
    }
    this.print(args.file, summary, look);
    return {
      file: args.file,
      ...summary,
      problems: summary.problems.map(shownProblem),
      ...(look.summary ? { canvas: look.summary } : {}),
    };
  }

  private print(file: string, summary: Summary, { summary: canvas }: CanvasPreview): void {
    const { byType, users, resets, undoPoints, problems } = summary;
    this.table(
      [
        ['file', file],
        ['format', summary.format === 'binary' ? 'binary (.dprec)' : 'text (.dptxt)'],
        ['version', `${summary.protocol ?? '(none)'}, ${verdicts[summary.compatibility]}`],
        ...Object.entries(summary.header)
          .filter(([key]) => key !== 'version')
          .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
        ...(canvas ? [['canvas', describeCanvas(canvas)]] : []),
        ['messages', `${summary.messages} (${describeSize(summary.bytes)})`],
        ['duration', summary.durationMs === 0 ? 'unknown (no timing)' : describeDuration(summary.durationMs)],
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
    if (canvas && canvas.layers.length > 0) {
      this.table(topDown(canvas.layers), [
        { title: 'id', value: ({ id }) => id, align: 'right' },
        { title: 'layer', value: ({ title, depth }) => `${'  '.repeat(Math.min(depth, 8))}${title}` },
        { title: 'opacity', value: ({ opacity }) => `${Math.round(opacity * 100)}%`, align: 'right' },
        { title: 'mode', value: ({ blendMode }) => blendModes[blendMode]?.text ?? `unknown (${blendMode})` },
        { title: '', value: notesOf },
      ]);
      this.log();
    }
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
      'The recording has no messages.',
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
    if (more > 0) this.logToStderr(`${more} more problems; dp rec verify lists them`);
  }
}

function describeCanvas({ width, height, layers, annotations, tracks }: CanvasSummary): string {
  const parts = [`${width} × ${height} pixels`, counted(layers.length, 'layer')];
  if (annotations > 0) parts.push(counted(annotations, 'annotation'));
  if (tracks > 0) parts.push(counted(tracks, 'track'));
  return width === 0 ? 'none' : parts.join(', ');
}

/** As layer lists of clients show them: the topmost first, groups before what is in them. */
function topDown(layers: readonly LayerSummary[]): LayerSummary[] {
  interface Node {
    readonly layer: LayerSummary;
    readonly children: Node[];
  }
  const roots: Node[] = [];
  /** The groups that the present layer is in. */
  const path: Node[] = [];
  for (const layer of layers) {
    path.length = layer.depth;
    const node: Node = { layer, children: [] };
    (path.at(-1)?.children ?? roots).push(node);
    path.push(node);
  }
  const ordered: LayerSummary[] = [];
  // no recursion: groups may be nested as deep as there are layers
  for (let node = roots.pop(); node; node = roots.pop()) {
    ordered.push(node.layer);
    for (const child of node.children) roots.push(child);
  }
  return ordered;
}

function notesOf({ isGroup, isClip, isCensored, isIsolated }: LayerSummary): string {
  const notes = [
    isGroup ? (isIsolated ? 'group' : 'group, pass through') : '',
    isClip ? 'clipped' : '',
    isCensored ? 'censored' : '',
  ];
  return notes.filter((note) => note !== '').join(', ');
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
