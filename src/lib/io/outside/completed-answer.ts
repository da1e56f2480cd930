// What an original server answers where it has the keys of ours, completed by what it lacks: older ones know less of a
// session. What is there stays as it is, for the check.

import type { Schema } from '../../admin/schema.js';

interface Part {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly required?: readonly string[];
  readonly items?: Part;
  readonly oneOf?: readonly Part[];
}

/** The value with every key that its schema requires; those that were missing say nothing: '', 0, false, an empty list. */
export function completed(schema: Schema, value: unknown): unknown {
  return complete(schema as Part, value);
}

function complete(part: Part, value: unknown): unknown {
  const { items, properties, required = [] } = part;
  if (items && Array.isArray(value)) return value.map((item) => complete(items, item));
  if (!properties || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const completed: Record<string, unknown> = { ...given };
  for (const [key, inner] of Object.entries(properties)) {
    if (Object.hasOwn(given, key)) completed[key] = complete(inner, given[key]);
    else if (required.includes(key)) completed[key] = nothingOf(inner);
  }
  return completed;
}

function nothingOf(part: Part): unknown {
  if (part.oneOf)
    return part.oneOf.some(({ type }) => type === 'null') ? null : nothingOf(part.oneOf[0] ?? {});
  if (part.enum) return part.enum[0];
  if (part.properties) return complete(part, {});
  const types = [part.type ?? []].flat();
  if (types.includes('null')) return null;
  switch (types[0]) {
    case 'string':
      return '';
    case 'array':
      return [];
    case 'boolean':
      return false;
    default:
      return 0;
  }
}
