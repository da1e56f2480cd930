// The hook of loader.mjs: the source of the module with the change in it.
const { file, start, end, text } = JSON.parse(process.env.MUTANT);

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith(`/${file}`)) return loaded;
  const source = String(loaded.source);
  return { ...loaded, source: source.slice(0, start) + text + source.slice(end) };
}
