// All tests, those that need no process of their own together in a few (scripts/tests-together.mjs); these begin first,
// because each is long. `npx ava FILE` runs one file alone.
import { readFileSync } from 'node:fs';
import alone from './ava.config.js';

const together = JSON.parse(readFileSync(new URL('.build/together/files.json', import.meta.url), 'utf8'));
/** The longest first; those that are not named begin after them. */
const groups = ['pages', 'commands', 'net', 'server', 'sessions'];
const rankOf = (file) => {
  if (!file.includes('/.build/together/')) return groups.length + 1;
  const at = groups.findIndex((name) => file.endsWith(`/${name}.test.js`));
  return at < 0 ? groups.length : at;
};

export default {
  ...alone,
  files: ['.build/{test,together}/**/*.test.js', ...together.map((file) => `!.build/test/${file}`)],
  sortTestFiles: (a, b) => rankOf(a) - rankOf(b) || alone.sortTestFiles(a, b),
};
