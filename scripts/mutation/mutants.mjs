// All the small mistakes that could be made in a module, each in one place of the compiled code, and the module with all of
// them in it: which one is made is chosen while it runs (switch.mjs). So thousands are tried without loading a module again.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { parse } from 'acorn';

/** Of each operator: the function in switch.mjs that takes its place, and what it may be mistaken for. */
const operators = {
  '===': { name: 'same', others: ['!=='] },
  '!==': { name: 'differs', others: ['==='] },
  '<': { name: 'less', others: ['<=', '>='] },
  '<=': { name: 'atMost', others: ['<', '>'] },
  '>': { name: 'more', others: ['>=', '<='] },
  '>=': { name: 'atLeast', others: ['>', '<'] },
  '+': { name: 'plus', others: ['-'] },
  '-': { name: 'minus', others: ['+'] },
  '*': { name: 'times', others: ['/'] },
  '/': { name: 'by', others: ['*'] },
  '&': { name: 'and', others: ['|'] },
  '|': { name: 'or', others: ['&'] },
  '&&': { others: ['||'] },
  '||': { others: ['&&'] },
  '+=': { others: ['-='] },
  '-=': { others: ['+='] },
};

const conditional = new Set(['IfStatement', 'ConditionalExpression', 'WhileStatement']);
const removable = new Set(['CallExpression', 'AssignmentExpression', 'UpdateExpression']);

/**
 * `mutants`: of one compiled file, the first one with the number `first`; `code`: the file with all of them, which imports
 * `switchUrl`. A mutant: `line` and `text` of the TypeScript source, `was` and `becomes`; `key` names it as long as its line
 * stays the same, whatever is changed around it.
 */
export function mutate(file, first, switchUrl) {
  const source = readFileSync(file, 'utf8');
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  const ts = file.replace(/^\.[^/]+\//, '').replace(/\.js$/, '.ts');
  const tsLines = readFileSync(ts, 'utf8').split('\n');
  const mutants = [];
  const seen = new Map();

  const add = (kind, start, was, becomes) => {
    let line = lineStarts.findLastIndex((at) => at <= start);
    const { originalLine } = map.findEntry(line, start - lineStarts[line]);
    line = (originalLine ?? -1) + 1;
    const text = (tsLines[line - 1] ?? '').trim();
    const short = was.split('\n', 1)[0].slice(0, 100);
    const place = [ts, text, `${kind}: ${short}${becomes ? ` -> ${becomes}` : ''}`].join(' | ');
    const nth = (seen.get(place) ?? 0) + 1;
    seen.set(place, nth);
    const id = first + mutants.length;
    mutants.push({
      id,
      key: nth === 1 ? place : `${place} | ${nth}`,
      file: ts,
      line,
      start,
      text,
      kind,
      was: short,
      becomes,
      nth,
    });
    return id;
  };
  const textOf = (node) => source.slice(node.start, node.end);

  /** The text of a node with the mistakes in it. */
  const write = (node, parent) => {
    const own = mistakesIn(node, parent);
    const parts = [];
    let at = node.start;
    const written = new Map();
    for (const [name, child] of childrenOf(node)) {
      let text = write(child, node);
      if (own.condition !== undefined && name === 'test') text = `__m.truth(${own.condition}, (${text}))`;
      written.set(child, text);
      parts.push(source.slice(at, child.start), text);
      at = child.end;
    }
    parts.push(source.slice(at, node.end));
    return own.wrap?.(parts.join(''), written) ?? parts.join('');
  };

  /** `condition`: number of the mutant that negates the node's test; `wrap`: makes its text from that without a mistake. */
  const mistakesIn = (node, parent) => {
    if (conditional.has(node.type)) {
      return {
        condition: add('negated condition', node.test.start, textOf(node.test), ''),
      };
    }
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression':
      case 'AssignmentExpression': {
        const { name, others } = operators[node.operator] ?? {};
        if (others === undefined) return {};
        const at = source.indexOf(node.operator, node.left.end);
        const [id] = others.map((other) => add('other operator', at, node.operator, other));
        return {
          wrap: (_, written) => {
            const left = written.get(node.left);
            const right = written.get(node.right);
            if (node.type === 'BinaryExpression') return `__m.${name}(${id}, (${left}), (${right}))`;
            if (node.type === 'AssignmentExpression')
              return `(__m.is(${id}) ? (${left} ${others[0]} (${right})) : (${left} ${node.operator} (${right})))`;
            // a value of its own for each file: nothing runs between writing and reading it
            const turned = `(__v = (${left}), __m.is(${id}) ? !__v : __v)`;
            return node.operator === '&&'
              ? `(${turned} ? (${right}) : __v)`
              : `(${turned} ? __v : (${right}))`;
          },
        };
      }
      case 'ExpressionStatement': {
        // the first statement of a constructor makes `this`
        if (!removable.has(node.expression.type) || textOf(node).startsWith('super(')) return {};
        const id = add('removed statement', node.start, textOf(node), '');
        return { wrap: (text) => `{ if (!__m.is(${id})) { ${text} } }` };
      }
      case 'Literal': {
        let other;
        if (typeof node.value === 'number' && !parent.computed) other = ['other number', `${node.value + 1}`];
        if (typeof node.value === 'boolean') other = ['other truth', `${!node.value}`];
        if (other === undefined) return {};
        const id = add(other[0], node.start, textOf(node), other[1]);
        const isKey = ['Property', 'PropertyDefinition', 'MethodDefinition'].includes(parent.type);
        return {
          wrap: (text) => {
            const either = `(__m.is(${id}) ? ${other[1]} : ${text})`;
            return isKey && parent.key === node ? `[${either}]` : either;
          },
        };
      }
      case 'ReturnStatement': {
        if (node.argument !== null) return {};
        const id = add('no early return', node.start, 'return', '');
        return { wrap: (text) => `{ if (!__m.is(${id})) { ${text} } }` };
      }
      case 'UnaryExpression': {
        if (node.operator !== '!') return {};
        const id = add('no negation', node.start, textOf(node), '');
        return { wrap: (_, written) => `__m.not(${id}, (${written.get(node.argument)}))` };
      }
      default:
        return {};
    }
  };

  const code = write(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), undefined);
  return {
    mutants,
    code: `import * as __m from ${JSON.stringify(switchUrl)};\nlet __v;\n${code.replace(/\n\/\/# sourceMappingURL=.*/, '')}`,
  };
}

/** `[name, node]` in the order of the text. */
function childrenOf(node) {
  const found = [];
  for (const [name, value] of Object.entries(node)) {
    // `{ a }`: key and value are one text
    if (node.type === 'Property' && node.shorthand && name === 'key') continue;
    // `export { a }`
    if (/^(Import|Export)Specifier$/.test(node.type)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === 'string') found.push([name, child]);
    }
  }
  return found.sort(([, a], [, b]) => a.start - b.start);
}
