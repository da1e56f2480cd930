// better-sqlite3 12, which install.mjs puts here where 13 does not run. Named by its path: in the folders above lies 13.
module.exports = require('./node_modules/better-sqlite3');
