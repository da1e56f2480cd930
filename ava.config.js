// Tests are compiled to .build first (see "pretest" in package.json); vectors are read from test/vectors.
export default {
  files: ['.build/test/**/*.test.js'],
  workerThreads: false,
  concurrency: 2,
  timeout: '120s',
  tap: process.env.DP_TAP === '1',
};
