// What ../install.mjs put here. Named by its path: another one may lie in the folders above.
module.exports = require('./node_modules/better-sqlite3');
