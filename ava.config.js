// Tests are compiled to .build first (see "pretest" in package.json); vectors are read from test/vectors.
/**
 * What takes longest begins first: one that begins last would be waited for by all. Below `.build/test/`, by what they cost;
 * only the order depends on it, so that it need not be exact.
 */
const longest = [
  'image/release',
  'commands/stored-before-sent',
  'docs/commands',
  'lib/server/stored-before-sent',
  'lib/core/canvas/properties',
  'lib/core/canvas/vectors',
  'commands/not-regular',
  'lib/server/storage',
  'image/container',
  'sessions/command-table',
  'commands/circular-paths',
  'commands/live',
  'lib/admin/operations',
  'commands/flooded',
  'commands/serve',
  'commands/modes',
  'commands/encodings',
  'commands/planted-links',
  'commands/unneeded-folders',
  'lib/core/canvas/tile-memory',
  'sessions/short-sessions',
  'lib/io/http/browser',
  'lib/io/disk/faults',
  'transcripts/stores',
  'commands/session/session',
  'lib/admin/ban-forms',
  'commands/binary',
  'lib/io/outside/remote-admin',
  'commands/init',
];

const rankOf = (file) => {
  const at = longest.findIndex((name) => file.endsWith(`/.build/test/${name}.test.js`));
  return at < 0 ? longest.length : at;
};

export default {
  files: ['.build/test/**/*.test.js'],
  workerThreads: false,
  // More than two processors: a third of the time a file waits, for timers, disks and processes of its own.
  concurrency: 4,
  sortTestFiles: (a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1),
  // Without any test that ends. Waits have limits of their own (test/helpers/until.ts); this is for what has none.
  timeout: '5m',
  tap: process.env.TAP_OUTPUT === '1',
};
