// Text that sets environment variables, as in `serve.env`: lines NAME=VALUE with the quotes of systemd's
// EnvironmentFile (systemd.exec(5)) and of shells, which agree on common lines. Any other line is reported as a problem
// and never dropped silently. The meaning of the names is in variables.ts.

/** A line of the text, or several lines if a quoted value spans them. */
interface Entry {
  raw: string;
  /** Number of the first line, from 1. */
  line: number;
  name?: string;
  value?: string;
  problem?: VariableProblem;
}

export interface VariableProblem {
  /** Line of the text, from 1; undefined for the environment of the process. */
  line?: number;
  message: string;
  hint?: string;
}

/** The problem and its hint in one line. */
export function describeVariableProblem({ line, message, hint }: VariableProblem): string {
  return `${line === undefined ? '' : `line ${line}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The variables that a text sets (the last one of a name wins), and the lines that set none. */
export function parseVariables(text: string): {
  values: Record<string, string>;
  problems: VariableProblem[];
} {
  const values: Record<string, string> = {};
  const problems: VariableProblem[] = [];
  for (const { name, value, problem } of entriesOf(text)) {
    if (problem) problems.push(problem);
    if (name !== undefined && value !== undefined) values[name] = value;
  }
  return { values, problems };
}

/** `text` with these variables set, or removed where the value is undefined; everything else is unchanged. */
export function editVariables(text: string, changes: ReadonlyMap<string, string | undefined>): string {
  const left = new Map(changes);
  const edited = entriesOf(text).flatMap(({ raw, name }) => {
    if (name === undefined || !changes.has(name)) return [raw];
    const value = left.get(name);
    // a name that occurs twice is written once
    left.delete(name);
    return value === undefined ? [] : [`${name}=${quoted(value)}`];
  });
  for (const [name, value] of left) if (value !== undefined) edited.push(`${name}=${quoted(value)}`);
  return edited.length === 0 ? '' : `${edited.join('\n')}\n`;
}

/** Unquoted if all readers parse it alike, otherwise in double quotes. */
function quoted(value: string): string {
  if (/^[\w@%+=:,./~-]*$/.test(value)) return value;
  return `"${value.replace(/["\\$`]/g, '\\$&')}"`;
}

function entriesOf(text: string): Entry[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const entries: Entry[] = [];
  for (let at = 0; at < lines.length; ) {
    const { entry, count } = readEntry(lines, at);
    entries.push(entry);
    at += count;
  }
  return entries;
}

function readEntry(lines: readonly string[], at: number): { entry: Entry; count: number } {
  const raw = lines[at] ?? '';
  const line = at + 1;
  const content = raw.trim();
  if (content === '' || content.startsWith('#') || content.startsWith(';')) {
    return { entry: { raw, line }, count: 1 };
  }
  const refuse = (message: string, hint: string): { entry: Entry; count: number } => ({
    entry: { raw, line, problem: { line, message, hint } },
    count: 1,
  });
  const [, head = '', name = ''] = /^(\s*(?:export\s+)?([^\s=]*)\s*)=/.exec(raw) ?? [];
  if (head === '') {
    const word = /^(?:export\s+)?([A-Za-z_]\w*)$/.exec(content)?.[1];
    return word === undefined
      ? refuse(`'${shortened(content)}' has no value`, 'write NAME=VALUE')
      : refuse(`'${word}' has no value`, `write ${word}=true, or the value that it should have`);
  }
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return refuse(`'${shortened(name)}' is not the name of a variable`, 'Names have letters, digits and _.');
  }
  const value = readValue(lines, at, head.length + 1);
  if ('message' in value) {
    const { message, hint } = value;
    return refuse(`${name}: ${message}`, hint);
  }
  const { text, count } = value;
  return { entry: { raw: lines.slice(at, at + count).join('\n'), line, name, value: text }, count };
}

type Value = { text: string; count: number } | { message: string; hint: string };

/** The value at this place: quoted and unquoted parts, to the end of a line. */
function readValue(lines: readonly string[], first: number, start: number): Value {
  let text = '';
  let at = first;
  const lineAt = (index: number) => (lines[index] ?? '').replace(/\r+$/, '');
  let line = lineAt(at);
  let i = start;
  while (i < line.length && /\s/.test(line.charAt(i))) i++;
  while (i < line.length) {
    const quote = line.charAt(i);
    if (quote !== '"' && quote !== "'") {
      // Unquoted text extends to the end of the line; quotes in it are literal, and only a backslash is special.
      if (text === '' || !/\s/.test(quote)) {
        const plain = readPlain(lines, at, i);
        return { text: text + plain.text, count: plain.at - first + 1 };
      }
      const rest = line.slice(i).trim();
      if (rest === '' || rest.startsWith('#')) break;
      return {
        message: `'${shortened(rest)}' follows the closing quote`,
        hint: 'put the quotes around the entire value',
      };
    }
    i++;
    for (;;) {
      if (i >= line.length) {
        at++;
        if (at >= lines.length) {
          return { message: `the quote (${quote}) is not closed`, hint: `end the value with ${quote}` };
        }
        text += '\n';
        line = lineAt(at);
        i = 0;
        continue;
      }
      const letter = line.charAt(i++);
      if (letter === quote) break;
      if (letter === '\\' && quote === '"') {
        if (i >= line.length && at + 1 < lines.length) {
          // a backslash at the end of a line joins it with the next line
          line = lineAt(++at);
          i = 0;
          continue;
        }
        const next = line[i] ?? '';
        if (/["\\$`]/.test(next)) {
          text += next;
          i++;
          continue;
        }
      }
      text += letter;
    }
  }
  return { text, count: at - first + 1 };
}

function readPlain(lines: readonly string[], first: number, start: number): { text: string; at: number } {
  let at = first;
  const lineAt = (index: number) => (lines[index] ?? '').replace(/\s+$/, '');
  let line = lineAt(at);
  let text = '';
  for (let i = start; i < line.length; i++) {
    const letter = line.charAt(i);
    if (letter !== '\\') {
      text += letter;
      continue;
    }
    if (i + 1 < line.length) text += line.charAt(++i);
    else if (at + 1 < lines.length) {
      line = lineAt(++at);
      i = -1;
    }
  }
  return { text: text.trimEnd(), at };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
