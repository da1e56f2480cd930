// TABLE of the original admin API (http.md §1), which existing web interfaces and list servers use. A row is a path
// and its methods; what is not in the table is 404, a method that is not in the row is 400. Nothing of it changes.

import { peopleRoutes } from './people.js';
import { recordRoutes } from './records.js';
import type { OriginalRoute } from './route.js';
import { serverRoutes } from './server.js';
import { sessionRoutes } from './sessions.js';

export const originalRoutes: readonly OriginalRoute[] = [
  ...serverRoutes,
  ...sessionRoutes,
  ...peopleRoutes,
  ...recordRoutes,
];
