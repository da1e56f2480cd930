// Completion for bash, of any version from 3 on: functions that print what there is at a place, and one that walks to
// the place. Where nothing is offered bash completes the names of files.

import { type OfferedFlag, type Place, singleQuoted } from './offers.js';

/** A script to source. */
export function bashCompletion(bin: string, places: readonly Place[]): string {
  const name = `_${bin.replaceAll(/\W/g, '_')}`;
  const cases = (lines: readonly (string | undefined)[]) => [
    '  case "$1" in',
    ...lines.filter((line) => line !== undefined).map((line) => `    ${line}`),
    '  esac',
  ];
  const line = (place: string, offered: readonly string[]) =>
    offered.length === 0 ? undefined : `${singleQuoted(place)}) echo ${singleQuoted(offered.join(' '))} ;;`;
  return `${[
    `# Completion of ${bin} for bash. To use it: ${bin} completion bash > ~/.local/share/bash-completion/completions/${bin}`,
    `${name}_words() {`,
    ...cases(
      places.map(({ words, next }) =>
        line(
          words,
          next.map(({ word }) => word),
        ),
      ),
    ),
    '}',
    `${name}_flags() {`,
    ...cases(places.map(({ words, flags }) => line(words, flags.flatMap(spellings)))),
    '}',
    `${name}_values() {`,
    ...cases(
      places.flatMap(({ words, flags }) =>
        flags.flatMap((flag) =>
          flag.value.kind === 'choice'
            ? spellings(flag).map((spelling) => line(`${words} ${spelling}`, optionsOf(flag)))
            : [],
        ),
      ),
    ),
    '}',
    walk.replaceAll('NAME', name),
    `complete -o default -F ${name} ${bin}`,
  ].join('\n')}\n`;
}

const spellings = ({ name, char }: OfferedFlag) => [`--${name}`, ...(char === undefined ? [] : [`-${char}`])];
const optionsOf = ({ value }: OfferedFlag) => (value.kind === 'choice' ? value.options : []);

/** A flag and its value may be one word, which bash cuts at `=`. */
const walk = `NAME() {
  local place= word index offered
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in -*|=) continue ;; esac
    case " $(NAME_words "$place") " in
      *" $word "*) place="\${place:+$place }$word" ;;
    esac
  done
  if [ "$current" = = ]; then current=; before="\${COMP_WORDS[COMP_CWORD-1]}"
  elif [ "$before" = = ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  offered="$(NAME_values "$place $before")"
  if [ -z "$offered" ]; then
    case "$current" in
      -*) offered="$(NAME_flags "$place")" ;;
      *) offered="$(NAME_words "$place")" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}`;
