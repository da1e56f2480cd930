// equivalent.json: mistakes that make no difference that anybody could see, each with its reason. `key`: as mutants.mjs makes it
// from the text of the line; a row whose line has changed is named, and has to be looked at again.
import { readFileSync } from 'node:fs';

const rows = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'));

/** `reasons`: from key to reason; `stale`: rows that name no mutant of these folders any more. */
export function equivalentsAmong(mutants, folders) {
  const keys = new Set(mutants.map(({ key }) => key));
  const reasons = new Map(
    rows.map(({ file, line, change, nth, why }) => [
      [file, line, change, ...(nth ? [nth] : [])].join(' | '),
      why,
    ]),
  );
  const stale = [...reasons.keys()].filter(
    (key) => !keys.has(key) && folders.some((folder) => key.startsWith(`src/lib/${folder}/`)),
  );
  return { reasons, stale };
}
