// The usage line of a command: arguments, then flags, those that exclude each other side by side. oclif's own nests
// such flags in each other and leaves holes where more than two exclude each other.

/** What is needed of a command, loaded or from the manifest. */
export interface UsageFacts {
  id: string;
  strict?: boolean | undefined;
  args?: Readonly<
    Record<string, { name: string; required?: boolean | undefined; hidden?: boolean | undefined }>
  >;
  flags?: Readonly<Record<string, UsageFlag>>;
}

export interface UsageFlag {
  name: string;
  type: 'boolean' | 'option';
  char?: string | undefined;
  required?: boolean | undefined;
  hidden?: boolean | undefined;
  multiple?: boolean | undefined;
  /** For a boolean flag: there is a `--no-` form as well. */
  allowNo?: boolean | undefined;
  helpValue?: string | readonly string[] | undefined;
  options?: readonly string[] | undefined;
  exclusive?: readonly string[] | undefined;
}

/** `user list [--online] [-d FILE | -c FILE | --server URL|NAME] [--json]`, without the program's name. */
export function usageOf({ id, strict, args = {}, flags = {} }: UsageFacts): string {
  const shownArgs = Object.values(args)
    .filter(({ hidden }) => hidden !== true)
    .map(({ name, required }) => {
      const word = `${name.toUpperCase()}${strict === false ? '...' : ''}`;
      return required ? word : `[${word}]`;
    });
  const shown = Object.values(flags).filter(({ hidden }) => hidden !== true);
  const groups = groupsOf(shown);
  // What has to be there first, what every command has last.
  const rank = ([first]: UsageGroup) =>
    first.required ? 0 : first.name === 'json' || first.name === 'verbose' ? 2 : 1;
  groups.sort((a, b) => rank(a) - rank(b));
  return [id.replaceAll(':', ' '), ...shownArgs, ...groups.map(shownGroup)].join(' ');
}

type UsageGroup = [UsageFlag, ...UsageFlag[]];

/** Flags of which each excludes all the others, together; all others alone. */
function groupsOf(flags: readonly UsageFlag[]): UsageGroup[] {
  const groups: UsageGroup[] = [];
  for (const flag of flags) {
    const group = groups.find((members) => members.every((member) => excludes(member, flag)));
    if (group) group.push(flag);
    else groups.push([flag]);
  }
  return groups;
}

function excludes(one: UsageFlag, other: UsageFlag): boolean {
  return (one.exclusive?.includes(other.name) || other.exclusive?.includes(one.name)) ?? false;
}

function shownGroup(group: UsageGroup): string {
  const text = group.map(shownFlag).join(' | ');
  if (group.length === 1 && group[0].required) return text;
  return group.some(({ required }) => required) ? `(${text})` : `[${text}]`;
}

function shownFlag(flag: UsageFlag): string {
  const { name, char, type, multiple, allowNo } = flag;
  const word = char === undefined ? `--${allowNo ? '[no-]' : ''}${name}` : `-${char}`;
  return type === 'boolean' ? word : `${word} ${placeholderOf(flag)}${multiple ? '...' : ''}`;
}

/** What stands for the value of a flag, in help and manual: a word in capitals, or the words it can be. */
export function placeholderOf({ helpValue, options }: Pick<UsageFlag, 'helpValue' | 'options'>): string {
  const given = typeof helpValue === 'string' ? helpValue : helpValue?.join(' ');
  return given || options?.join('|') || 'VALUE';
}
