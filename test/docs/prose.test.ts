// Reasons of errors are rows of a table (core/errors/reasons.ts): nobody writes one where it happens. Read in the syntax of
// the compiled program, so that neither line breaks nor conditions hide a text.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'acorn';
import test from 'ava';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

/** Makes an error or a finding; the second argument has its values. */
const makers = ['refusal', 'fault', 'failure', 'finding'];
/** Values of errors and parts of answers that are reasons. */
const reasonNames = ['reason', 'problem', 'why', 'refused', 'advice', 'doubt'];
/** Of these errors the first argument is the reason. */
const reasonFirst = ['UnusableFile', 'notARecording', 'Unusable', 'HttpProblem', 'BrokenOff', 'Rejected'];
/** Values that are noun phrases or commands, of rows that say "expected {expected}" and "write for example: {example}". */
const nounPhrases = ['expected', 'example', 'use', 'command', 'program', 'address'];

/** Where such a text is meant, and why. */
const meant: Readonly<Record<string, string>> = {
  'lib/cli/manual.js': 'the table of exit statuses in the manual',
  'lib/server/doctor/certificate.js': 'two texts of tables, one behind the other',
  'lib/cli/set-up-ports.js': 'answers to what was typed at a prompt',
  'lib/cli/drawpile-srv.js': 'the words of the original program, whose options this command takes',
};

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

/** What functions with such a name answer with is a reason. */
const reasonFunction = /(?:problem|refusal|doubt|damage)$|^why/i;

/** Several words, a single one may be a name. */
const isProse = (text: string) => /[a-z]{2,},? [a-z]/i.test(text);

/** Texts that an expression can be, without those that are handed to a function. */
function textsOf(node: Node): string[] {
  const parts = (...keys: string[]) =>
    keys.flatMap((key) => {
      const part = node[key];
      return isNode(part) ? textsOf(part) : [];
    });
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateLiteral':
      return [(node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join(' {} ')];
    case 'ConditionalExpression':
      return parts('consequent', 'alternate');
    case 'LogicalExpression':
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return parts('left', 'right');
    default:
      return [];
  }
}

const nameOf = (node: unknown): string | undefined =>
  isNode(node) ? ((node.name ?? nameOf(node.property)) as string | undefined) : undefined;

/** Of a function its name, '' where it has none; undefined: this is no function. */
function functionName(node: Node, parent: Node | undefined): string | undefined {
  if (!/Function/.test(node.type)) return undefined;
  return nameOf(node.id) ?? nameOf(parent?.key ?? parent?.id) ?? '';
}

/** The expressions of a program that are to be reasons. `inside`: the name of the function around. */
function* reasonsIn(node: Node, inside = '', parent?: Node): Iterable<Node> {
  const within = functionName(node, parent) ?? inside;
  if (node.type === 'ReturnStatement' && reasonFunction.test(inside) && isNode(node.argument))
    yield node.argument;
  const first = (node.arguments as Node[] | undefined)?.[0];
  switch (node.type) {
    case 'CallExpression':
    case 'NewExpression': {
      const name = nameOf(node.callee) ?? '';
      if (reasonFirst.includes(name) && first) yield first;
      const values = (node.arguments as Node[])[1];
      if (makers.includes(name) && values?.type === 'ObjectExpression') {
        for (const property of values.properties as Node[]) {
          if (isNode(property.value) && !nounPhrases.includes(nameOf(property.key) ?? ''))
            yield property.value;
        }
      }
      break;
    }
    case 'Property':
      if (reasonNames.includes(nameOf(node.key) ?? '') && isNode(node.value)) yield node.value;
      break;
    case 'VariableDeclarator':
      if (reasonNames.includes(nameOf(node.id) ?? '') && isNode(node.init)) yield node.init;
      break;
  }
  for (const part of Object.values(node).flat()) if (isNode(part)) yield* reasonsIn(part, within, node);
}

function proseIn(source: string): string[] {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Node;
  return [...new Set([...reasonsIn(program)].flatMap(textsOf).filter(isProse))];
}

test('reasons are rows of a table, not texts where they happen', (t) => {
  const root = '.build/src';
  const wrong: string[] = [];
  const excused = new Set<string>();
  let count = 0;
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const name = file.replaceAll(path.sep, '/');
    if (!name.endsWith('.js') || /^(?:web|lib\/core\/errors)\//.test(name)) continue;
    count++;
    for (const text of proseIn(readFileSync(path.join(root, file), 'utf8'))) {
      if (meant[name] === undefined)
        wrong.push(`${name}: '${text}' is to be a row in core/errors/reasons.ts`);
      else excused.add(name);
    }
  }
  t.true(count > 500, String(count));
  t.deepEqual(wrong, []);
  t.deepEqual([...excused].sort(), Object.keys(meant).sort(), 'excused in vain');
});

test('a text is found wherever a reason can be written', (t) => {
  for (const source of [
    "throw refusal('x', { file, reason: 'it is no file' });",
    "throw fault('x', { what: isNew ? 'not there yet' : reason('y') });",
    'throw failure("x", { reason: said || "it ended with " + status });',
    "throw new UnusableFile('it is too large');",
    "const why = count === 0 ? 'there are none' : undefined;",
    "const read = { problem: 'it is not UTF-8' };",
    "function ageProblem(age) { if (age < 0) return 'it is not born yet'; }",
    "const whyNot = (age) => { return age < 0 ? 'it is not born yet' : undefined; };",
    "class A { refusal() { return 'it is not born yet'; } }",
    "findings.push(finding('x', { a: 'no such thing' }))",
  ]) {
    t.is(proseIn(source).length, 1, source);
  }
  for (const source of [
    "throw refusal('x', { file, reason: reason('y', { words: 'a b' }) });",
    "throw refusal('x', { expected: 'a whole number', what: 'certificate' });",
    "const text = 'not a reason';",
    'const answer = { why: cause.message };',
  ]) {
    t.deepEqual(proseIn(source), [], source);
  }
});
