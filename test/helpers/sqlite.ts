// SQLite for tests that look into a database themselves: the same library as the program's.

import { loadSqlite } from '../../src/lib/io/sqlite/library.js';

const Database = loadSqlite();
export default Database;
