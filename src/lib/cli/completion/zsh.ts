// Completion for zsh: arrays of what there is at a place with what it means, and a function that walks to the place.

import { type OfferedFlag, type Place, singleQuoted } from './offers.js';

/** For a folder of `fpath` under the name `_dp`, or to source. */
export function zshCompletion(bin: string, places: readonly Place[]): string {
  const name = `_${bin.replaceAll(/\W/g, '_')}`;
  const array = (entries: readonly string[]) => `(${entries.map(singleQuoted).join(' ')})`;
  const cases = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([place, run]) => `    ${singleQuoted(place)}) ${run} ;;`).join('\n');
  const next = places
    .filter((place) => place.next.length > 0)
    .map(({ words, next: all }) => [words, `offered=${array(all.map(entry))}`] as const);
  const flags = places
    .filter((place) => place.flags.length > 0)
    .map(
      ({ words, flags: all }) =>
        [
          words,
          `offered=${array(all.flatMap((flag) => spellings(flag).map((word) => entry({ word, text: flag.text }))))}`,
        ] as const,
    );
  const values = places.flatMap(({ words, flags: all }) =>
    all.flatMap((flag) => spellings(flag).map((word) => [`${words} ${word}`, valueAction(flag)] as const)),
  );
  const taking = values.filter(([, run]) => run !== '');
  return `#compdef ${bin}
# Completion of ${bin} for zsh. To use it: ${bin} completion zsh > "\${fpath[1]}/_${bin}"
${name}_next() {
  offered=()
  case "$1" in
${cases(next)}
  esac
}
${name}_flags() {
  offered=()
  case "$1" in
${cases(flags)}
  esac
}
${name}_value() {
  case "$1" in
${cases(taking)}
    *) return 1 ;;
  esac
}
${name}() {
  local place= word index
  local -a offered
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    [[ "$word" == -* ]] && continue
    ${name}_next "$place"
    (( \${offered[(I)$word:*]} )) && place="\${place:+$place }$word"
  done
  ${name}_value "$place \${words[CURRENT-1]}" && return
  if [[ "\${words[CURRENT]}" == -* ]]; then
    ${name}_flags "$place"
    _describe -o option offered
    return
  fi
  ${name}_next "$place"
  if (( \${#offered} )); then _describe command offered; else _files; fi
}
if [[ "\${funcstack[1]}" == ${name} ]]; then ${name} "$@"; else compdef ${name} ${bin}; fi
`;
}

const spellings = ({ name, char }: OfferedFlag) => [`--${name}`, ...(char === undefined ? [] : [`-${char}`])];

/** `word:text`, as _describe takes it. */
function entry({ word, text }: { word: string; text: string }): string {
  return `${word.replaceAll(':', '\\:')}:${text.replaceAll(/\s+/g, ' ')}`;
}

/** '' where the flag takes nothing. */
function valueAction({ value }: OfferedFlag): string {
  switch (value.kind) {
    case 'nothing':
      return '';
    case 'choice':
      return `compadd -- ${value.options.map(singleQuoted).join(' ')}`;
    case 'path':
      return '_files';
    case 'any':
      return ':';
  }
}
