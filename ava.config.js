// Tests are compiled to .build first (see "pretest" in package.json); vectors are read from test/vectors.
export default {
  files: ['.build/test/**/*.test.js'],
  workerThreads: false,
  concurrency: 2,
  // Without any test that ends. Waits have limits of their own (test/helpers/until.ts); this is for what has none.
  timeout: '5m',
  tap: process.env.TAP_OUTPUT === '1',
};
