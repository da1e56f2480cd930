// dp rec convert: between binary and text, between versions, and with only some of the messages.

import { Args, Flags } from '../../lib/cli/oclif.js';
import {
  counted,
  ProblemList,
  RecordingCommand,
  readUserIds,
  type ShownProblem,
} from '../../lib/cli/recording-command.js';
import { refusal } from '../../lib/core/errors.js';
import type { Generation } from '../../lib/core/protocol/messages.js';
import { Conversion, type ConversionCount } from '../../lib/core/recording/conversion.js';
import { passes } from '../../lib/core/recording/pass.js';
import { formatOfName, isSameFile, standardStream } from '../../lib/io/disk/recording-file.js';

export interface Converted extends ConversionCount {
  in: string;
  out: string;
  protocol: string | undefined;
  problems: ShownProblem[];
}

export default class RecConvert extends RecordingCommand {
  static override summary = 'Convert a recording to text, to binary, or to a newer version';
  static override description =
    `The format of IN is detected from its content, that of OUT from its name (.dprec, .dptxt, with .gz or z at the
end for gzip); otherwise, OUT gets the other format. Without OUT, text is written to standard output.

No message is lost or added: what the text format of a version cannot express is kept in a form that Drawpile's own tools
skip. Header values may change their type, because "true" and 7 look the same in text. With --as-original, the output is
identical to that of Drawpile's dprectool, byte for byte.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> session.dprec session.dptxt',
    '<%= config.bin %> <%= command.id %> session.dptxt session.dprec.gz',
    '<%= config.bin %> <%= command.id %> old.dprec new.dprec --upgrade',
    '<%= config.bin %> <%= command.id %> session.dprec template.dptxt --pass template',
    'zcat session.dprec.gz | <%= config.bin %> <%= command.id %> - | less',
  ];
  static override args = {
    in: Args.string({ required: true, description: 'Recording to read, - for standard input' }),
    out: Args.string({ default: standardStream, description: 'File to write, - for standard output' }),
  };
  static override flags = {
    from: Flags.option({ options: ['binary', 'text'] as const, description: 'Format of IN' })(),
    to: Flags.option({ options: ['binary', 'text'] as const, description: 'Format of OUT' })(),
    protocol: Flags.option({
      options: ['4.21', '4.24', '4.25'] as const,
      description: 'Read IN as this version, whatever its header says (2.1, 2.2, 2.3)',
    })(),
    upgrade: Flags.boolean({ description: 'Upgrade a recording of 2.2 (dp:4.24) to 2.3 (dp:4.25)' }),
    pass: Flags.option({
      options: passes,
      default: 'all',
      description: 'Keep all messages, those allowed in templates, or those that clients may replay',
    })(),
    'include-user-ids': Flags.string({
      description: 'Keep only what these users drew, for example 1,2',
      helpValue: 'IDS',
    }),
    acl: Flags.boolean({
      description:
        'Leave out what clients would ignore for lack of permission (2.1: keep it, marked as filtered)',
    }),
    'as-original': Flags.boolean({
      description: "Write what Drawpile's dprectool writes, with the messages and keys that it adds",
    }),
    force: Flags.boolean({ char: 'f', description: 'Replace OUT if it exists' }),
  };

  async run(): Promise<Converted> {
    const { args, flags } = await this.parse(RecConvert);
    const toStdout = args.out === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    if (await isSameFile(args.in, args.out)) {
      throw refusal('output-is-input', { file: args.in });
    }
    const to = flags.to ?? (toStdout ? 'text' : formatOfName(args.out));
    if (toStdout && to === 'binary' && this.terminal.stdout.isTTY === true) {
      throw refusal('binary-to-terminal');
    }
    const list = new ProblemList(args.in, (line) => this.logToStderr(line));
    const conversion = new Conversion(
      {
        inputFormat: flags.from,
        outputFormat: to,
        generation: flags.protocol as Generation | undefined,
        upgrades: flags.upgrade || flags['as-original'],
        requiresUpgrade: flags.upgrade,
        pass: flags.pass,
        filtersAccess: flags.acl,
        users:
          flags['include-user-ids'] === undefined
            ? undefined
            : readUserIds(flags['include-user-ids'], '--include-user-ids'),
        isOriginal: flags['as-original'],
      },
      list.add,
    );
    const opened = await this.open(args.in);
    const chunks = this.watched('converting', opened);
    async function* converted(): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        const piece = conversion.read(chunk);
        if (piece.length > 0) yield piece;
      }
      yield conversion.end();
    }
    await this.write(args.out, converted(), flags.force);
    list.finish();
    const { count } = conversion;
    if (!toStdout) {
      const notes = [
        count.filteredMessages > 0 ? `${count.filteredMessages} not allowed by the access rules` : '',
        count.droppedMessages > 0 ? `${count.droppedMessages} left out` : '',
        list.errors > 0 ? `${list.errors} invalid` : '',
      ].filter((note) => note !== '');
      this.log(
        `${args.out}: ${counted(count.writtenMessages, 'message')}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`,
      );
    }
    if (list.errors > 0) this.endWith('problems');
    return {
      in: args.in,
      out: args.out,
      protocol: conversion.outputProtocol,
      ...count,
      problems: list.problems,
    };
  }
}
