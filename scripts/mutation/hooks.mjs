// The hooks of loader.mjs.
const mutant = process.env.MUTANT ? JSON.parse(process.env.MUTANT) : undefined;
const small = new URL('./small-ava.mjs', import.meta.url).href;

export function resolve(specifier, context, next) {
  return specifier === 'ava' ? { url: small, shortCircuit: true } : next(specifier, context);
}

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (mutant === undefined || !url.endsWith(`/${mutant.file}`)) return loaded;
  const source = String(loaded.source);
  return { ...loaded, source: source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end) };
}
