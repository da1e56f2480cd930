// Tests are compiled to .build first (see "pretest" in package.json); vectors are read from test/vectors.
/**
 * What takes longest begins first: one that begins last would be waited for by all. Below `.build/test/`, by what they cost;
 * only the order depends on it, so that it need not be exact.
 */
const longest = [
  'docs/commands',
  'commands/stored-before-sent',
  'image/release',
  'lib/core/canvas/vectors',
  'lib/server/stored-before-sent',
  'image/container',
  'lib/server/storage',
  'lib/admin/operations',
  'commands/not-regular',
  'lib/server/automatic-certificate',
  'commands/cert/acme',
  'commands/cert/failures',
  'sessions/command-table',
  'lib/server/order-certificate',
  'commands/hostile-output',
  'commands/live',
  'commands/init-wizard',
  'lib/core/canvas/properties',
  'lib/core/canvas/tile-memory',
  'commands/modes',
  'commands/flooded',
  'commands/planted-links',
  'commands/binary',
  'transcripts/rest',
  'docs/reverse-proxy',
  'sessions/short-sessions',
  'lib/core/canvas/mutated',
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
