// Inputs made from the schema of an operation: such as fit, and such as lie at its edges.

export interface Part {
  properties?: Readonly<Record<string, Part>>;
  additionalProperties?: false | Part;
  required?: readonly string[];
  type?: string | readonly string[];
  enum?: readonly unknown[];
  items?: Part;
  oneOf?: readonly Part[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  'x-max-bytes'?: number;
}

type Own = Readonly<Record<string, unknown>>;

export const variantsOf = (schema: Part): readonly Part[] => schema.oneOf ?? [schema];

/** Values that mean something to a furnished server, by the name of the argument. */
const meaningful: Own = {
  session: 'room',
  user: 'gus',
  address: '192.0.2.1',
  sid: '0123456789abcdef',
  entry: 'https://other.example/',
  url: 'https://list.example/',
  ban: 1,
  list: ['^https://list\\.example/'],
  flags: ['MOD'],
  addFlags: ['HOST'],
  removeFlags: ['MOD'],
  set: { serverTitle: 'Ink' },
  unset: ['serverTitle'],
  limit: 3,
  before: 1,
};

/** Something that fits a schema. */
function sample(schema: Part, key: string, own: Own): unknown {
  if (Object.hasOwn(own, key)) return own[key];
  if (Object.hasOwn(meaningful, key)) return meaningful[key];
  if (schema.oneOf) return sample(schema.oneOf[0]!, key, own);
  if (schema.enum) return schema.enum[0];
  switch ([schema.type ?? 'object'].flat()[0]) {
    case 'string':
      return 'x';
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return least(schema, own);
    default:
      return 1;
  }
}

/** The required arguments alone. */
export function least({ properties = {}, required = [] }: Part, own: Own = {}): Record<string, unknown> {
  return Object.fromEntries(required.map((key) => [key, sample(properties[key] ?? {}, key, own)]));
}

/** Inputs that fit: the required arguments alone, with each of the others, and with all that have no conditions. */
export function samples(schema: Part, own: Own): Record<string, unknown>[] {
  return variantsOf(schema).flatMap((variant) => {
    const { properties = {}, required = [] } = variant;
    const basis = least(variant, own);
    const optional = Object.keys(properties).filter((key) => !required.includes(key));
    return [
      basis,
      ...optional.map((key) => ({ ...basis, [key]: sample(properties[key]!, key, own) })),
      // accounts by name, the one that is there
      ...('key' in properties
        ? [
            { ...basis, key: { name: 'anna' } },
            { ...basis, key: { id: own.accountId } },
          ]
        : []),
      ...('name' in properties && !('password' in properties) ? [{ ...basis, name: 'serverTitle' }] : []),
    ];
  });
}

const texts: readonly unknown[] = [
  '',
  ' ',
  '0',
  'null',
  'x',
  '\u0000',
  '\u202e\u0007',
  '\ud800',
  'ünï¢ødé 🖌️ 漢字',
  '../../etc/passwd',
  '__proto__',
  'a'.repeat(70_000),
];
const numbers: readonly unknown[] = [
  0,
  2,
  -1,
  1.5,
  255,
  256,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e300,
  -0,
];
const others: readonly unknown[] = [null, true, false, [], [null], [[]], {}, { surplus: 1 }];

/** The last values within the bounds of a schema, and the first beyond them. */
export function boundsOf(schema: Part): { within: unknown[]; beyond: unknown[] } {
  const step = schema.type === 'integer' ? 1 : 0.5;
  const { minimum, exclusiveMinimum, maximum, minLength, maxLength, 'x-max-bytes': bytes } = schema;
  const within: unknown[] = [];
  const beyond: unknown[] = [];
  if (minimum !== undefined) {
    within.push(minimum);
    beyond.push(minimum - step);
  }
  if (exclusiveMinimum !== undefined) beyond.push(exclusiveMinimum);
  if (maximum !== undefined) {
    within.push(maximum);
    beyond.push(maximum + step);
  }
  if (minLength !== undefined && minLength > 0) beyond.push('x'.repeat(minLength - 1));
  if (maxLength !== undefined) {
    within.push('x'.repeat(maxLength));
    beyond.push('x'.repeat(maxLength + 1));
  }
  if (bytes !== undefined) {
    within.push('x'.repeat(bytes));
    beyond.push('x'.repeat(bytes + 1), 'ü'.repeat(bytes / 2 + 1));
  }
  return { within, beyond };
}

/** Values for one argument: every wrong type, and the bounds of the right one. */
function edgesOf(schema: Part): unknown[] {
  const { within, beyond } = boundsOf(schema);
  const edges = [...others, ...texts, ...numbers, ...within, ...beyond];
  const inner = schema.items;
  if (inner) {
    edges.push(...edgesOf(inner).map((edge) => [edge]));
    edges.push(Array.from({ length: 300 }, () => (inner.enum ? inner.enum[0] : 'x')));
  }
  const { additionalProperties: value } = schema;
  if (value) edges.push(...edgesOf(value).map((edge) => ({ title: edge })));
  for (const variant of variantsOf(schema)) {
    if (variant.properties) edges.push(...objectEdges(variant, {}));
  }
  return edges;
}

/** Objects of which one argument is at an edge, missing, or one too many. */
function objectEdges(schema: Part, own: Own): Record<string, unknown>[] {
  const { properties = {}, required = [] } = schema;
  const basis = least(schema, own);
  const without = (key: string) => Object.fromEntries(Object.entries(basis).filter(([name]) => name !== key));
  return [
    ...required.map(without),
    { ...basis, surplus: 1 },
    { ...basis, constructor: 1 },
    ...Object.entries(properties).flatMap(([key, part]) =>
      edgesOf(part).map((edge) => ({ ...basis, [key]: edge })),
    ),
  ];
}

export function edgeInputs(schema: Part, own: Own): unknown[] {
  return variantsOf(schema).flatMap((variant) => objectEdges(variant, own));
}
