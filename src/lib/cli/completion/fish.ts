// Completion for fish.

import type { OfferedFlag, Place } from './offers.js';

/** A script to source. */
export function fishCompletion(bin: string, places: readonly Place[]): string {
  const lines = [
    `# Completion of ${bin} for fish. To use it: ${bin} completion fish > ~/.config/fish/completions/${bin}.fish`,
    `function __${bin}_words`,
    '    set -l words (commandline -opc)',
    '    set -e words[1]',
    "    string join ' ' -- (string match -v -- '-*' $words)",
    'end',
    // a command line stands at a command when its words begin with those of the command
    `function __${bin}_at`,
    `    set -l words (__${bin}_words)`,
    '    test "$words" = "$argv"; or string match -q -- "$argv *" "$words"',
    'end',
    `function __${bin}_exactly`,
    `    set -l words (__${bin}_words)`,
    '    test "$words" = "$argv"',
    'end',
    `complete -c ${bin} -f`,
  ];
  for (const { words, next } of places) {
    const condition = quoted(`__${bin}_exactly '${words}'`);
    for (const { word, text } of next) {
      lines.push(`complete -c ${bin} -n ${condition} -a ${quoted(word)} -d ${quoted(text)}`);
    }
  }
  for (const { words, flags } of places) {
    const condition = quoted(`__${bin}_at '${words}'`);
    for (const { name, char, text, value } of flags) {
      const short = char === undefined ? '' : ` -s ${char}`;
      lines.push(
        `complete -c ${bin} -n ${condition} -l ${name}${short}${valueOption(value)} -d ${quoted(text)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function valueOption(value: OfferedFlag['value']): string {
  switch (value.kind) {
    case 'nothing':
      return '';
    case 'choice':
      return ` -x -a ${quoted(value.options.join(' '))}`;
    case 'path':
      return ' -r -F';
    case 'any':
      return ' -x';
  }
}

/** In single quotes fish only knows `\\` and `\'`. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
