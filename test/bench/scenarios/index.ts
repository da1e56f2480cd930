// TABLE of scenarios, in the order in which they run. To add one: its file, and a row here.

import { catchUp } from './catch-up.js';
import { fanOut } from './fan-out.js';
import { idle } from './idle.js';
import { joinStorm } from './join-storm.js';
import { saturation } from './saturation.js';
import type { Scenario } from './scenario.js';
import { smallSessions } from './small-sessions.js';
import { upload } from './upload.js';

export const scenarios: Readonly<Record<string, Scenario>> = {
  'fan-out-50': fanOut(50),
  'fan-out-200': fanOut(200),
  saturation,
  'catch-up': catchUp,
  'small-sessions': smallSessions,
  upload,
  idle,
  'join-storm': joinStorm,
};
