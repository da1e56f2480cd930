// All tests, those that need no process of their own together in a few (scripts/tests-together.mjs); these begin first,
// because each is long. `npx ava FILE` runs one file alone.
import { readFileSync } from 'node:fs';
import alone from './ava.config.js';

const together = JSON.parse(readFileSync(new URL('.build/together/files.json', import.meta.url), 'utf8'));
const isTogether = (file) => file.includes('/.build/together/');

export default {
  ...alone,
  files: ['.build/{test,together}/**/*.test.js', ...together.map((file) => `!.build/test/${file}`)],
  sortTestFiles: (a, b) => isTogether(b) - isTogether(a) || alone.sortTestFiles(a, b),
};
