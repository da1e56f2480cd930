// All the small mistakes that could be made in a module: each changes one place of the compiled code.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { parse } from 'acorn';

const swapped = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '&': ['|'],
  '|': ['&'],
  '&&': ['||'],
  '||': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
};

/** `file`: compiled, below the project. `line`: of the TypeScript source. */
export function mutantsOf(file) {
  const source = readFileSync(file, 'utf8');
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  const found = [];
  const add = (kind, start, end, text) => {
    const before = source.slice(0, start);
    const line = before.split('\n').length - 1;
    const { originalLine } = map.findEntry(line, start - before.lastIndexOf('\n') - 1);
    const was = source.slice(start, end).split('\n', 1)[0].slice(0, 80);
    found.push({ file, line: (originalLine ?? -1) + 1, kind, start, end, text, was });
  };
  const textOf = (node) => source.slice(node.start, node.end);
  const visit = (node, parent) => {
    switch (node.type) {
      case 'IfStatement':
      case 'ConditionalExpression':
      case 'WhileStatement':
        add('negated condition', node.test.start, node.test.end, `!(${textOf(node.test)})`);
        break;
      case 'BinaryExpression':
      case 'LogicalExpression':
      case 'AssignmentExpression': {
        const at = source.indexOf(node.operator, node.left.end);
        for (const other of swapped[node.operator] ?? [])
          add('other operator', at, at + node.operator.length, other);
        break;
      }
      case 'ExpressionStatement':
        if (['CallExpression', 'AssignmentExpression', 'UpdateExpression'].includes(node.expression.type)) {
          // the first statement of a constructor makes `this`
          if (!textOf(node).startsWith('super(')) add('removed statement', node.start, node.end, ';');
        }
        break;
      case 'Literal':
        if (typeof node.value === 'number' && !parent?.computed)
          add('other number', node.start, node.end, `${node.value + 1}`);
        if (typeof node.value === 'boolean') add('other truth', node.start, node.end, `${!node.value}`);
        break;
      case 'ReturnStatement':
        if (node.argument === null) add('no early return', node.start, node.end, ';');
        break;
      case 'UnaryExpression':
        if (node.operator === '!') add('no negation', node.start, node.start + 1, '');
        break;
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child.type === 'string') visit(child, node);
      }
    }
  };
  visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }), undefined);
  return found;
}
