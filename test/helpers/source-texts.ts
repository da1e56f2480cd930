// Comments and texts of a source file in TypeScript, with their lines: a scanner that knows comments, strings, templates
// and, from what stands before the slash, regular expressions.

export interface SourceText {
  kind: 'comment' | 'string';
  /** From 1. */
  line: number;
  /** Of a template without what stands in its braces. */
  text: string;
}

const beforeExpression = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|yield|case))\s*$/;

export function sourceTexts(source: string): SourceText[] {
  const texts: SourceText[] = [];
  /** Templates whose braces are open: their text, and how many braces are open within. */
  const open: { entry: SourceText; depth: number }[] = [];
  let at = 0;
  let line = 1;
  const add = (kind: SourceText['kind'], text: string): SourceText => {
    const entry = { kind, line, text };
    texts.push(entry);
    return entry;
  };
  const pass = (end: number): string => {
    const text = source.slice(at, end);
    line += text.split('\n').length - 1;
    at = end;
    return text;
  };
  /** The rest of a template; true: up to an opening brace. */
  const template = (entry: SourceText): void => {
    const rest = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y;
    rest.lastIndex = at;
    entry.text += pass(at + rest.exec(source)![0].length);
    if (source[at] === '$') open.push({ entry, depth: 0 });
    at += source[at] === '$' ? 2 : 1;
  };
  while (at < source.length) {
    const char = source[at]!;
    const innermost = open.at(-1);
    if (source.startsWith('//', at)) add('comment', pass(endOf(source, '\n', at)));
    else if (source.startsWith('/*', at)) {
      const entry = add('comment', '');
      entry.text = pass(endOf(source, '*/', at) + 2);
    } else if (char === "'" || char === '"') {
      const string = new RegExp(`${char}(?:\\\\.|[^\\\\${char}\\n])*${char}`, 'y');
      string.lastIndex = at;
      const text = string.exec(source)?.[0] ?? char;
      add('string', pass(at + text.length).slice(1, -1));
    } else if (char === '`') {
      at += 1;
      template(add('string', ''));
    } else if (char === '}' && innermost?.depth === 0) {
      at += 1;
      open.pop();
      template(innermost.entry);
    } else if (char === '/' && beforeExpression.test(source.slice(Math.max(0, at - 20), at))) {
      const expression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;
      expression.lastIndex = at;
      pass(at + (expression.exec(source)?.[0].length ?? 1));
    } else {
      if (innermost && char === '{') innermost.depth += 1;
      if (innermost && char === '}') innermost.depth -= 1;
      pass(at + 1);
    }
  }
  return texts;
}

function endOf(source: string, what: string, from: number): number {
  const end = source.indexOf(what, from);
  return end < 0 ? source.length : end;
}
