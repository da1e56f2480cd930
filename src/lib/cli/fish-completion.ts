// Completion for the fish shell, made from the commands themselves (bash and zsh have oclif's plugin).

import type { CommandFacts } from './manual.js';

/** A script to source. `topics`: what the first words of commands stand for. */
export function fishCompletion(
  bin: string,
  commands: readonly CommandFacts[],
  topics: readonly { name: string; description?: string | undefined }[],
): string {
  const shown = commands.filter(({ hidden }) => hidden !== true);
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
  const offered = new Set<string>();
  for (const { id, summary, description } of shown) {
    const words = id.split(':');
    for (const [index, word] of words.entries()) {
      const before = words.slice(0, index).join(' ');
      if (offered.has(`${before} ${word}`)) continue;
      offered.add(`${before} ${word}`);
      const name = words.slice(0, index + 1).join(':');
      const own = shown.find((command) => command.id === name);
      const topic = topics.find((other) => other.name === name);
      const text =
        index === words.length - 1
          ? (summary ?? description?.split('\n', 1)[0])
          : (own?.summary ?? topic?.description ?? '');
      lines.push(
        `complete -c ${bin} -n ${quote(`__${bin}_exactly '${before}'`)} -a ${quote(word)} -d ${quote(text ?? '')}`,
      );
    }
  }
  for (const { id, flags } of shown) {
    const condition = quote(`__${bin}_at '${id.replaceAll(':', ' ')}'`);
    for (const flag of Object.values(flags)) {
      if (flag.hidden === true) continue;
      const short = flag.char === undefined ? '' : ` -s ${flag.char}`;
      const value = flag.type === 'option' ? valueOption(flag) : '';
      const text = quote(flag.summary ?? flag.description ?? '');
      lines.push(`complete -c ${bin} -n ${condition} -l ${flag.name}${short}${value} -d ${text}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function valueOption(flag: { options?: readonly string[]; helpValue?: string | string[] }): string {
  if (flag.options !== undefined) return ` -x -a ${quote(flag.options.join(' '))}`;
  const isPath = /FILE|FOLDER|PATH|PATTERN/.test(String(flag.helpValue ?? ''));
  return isPath ? ' -r -F' : ' -x';
}

/** In single quotes fish only knows `\\` and `\'`. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
