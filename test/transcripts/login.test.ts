// Replays the recorded conversations of test/vectors/login against a whole server.

import test from 'ava';
import { missingFor } from './not-yet.js';
import { replayScenario } from './run.js';
import { loginScenarios } from './scenarios.js';

for (const scenario of loginScenarios) {
  const missing = missingFor(scenario.file, scenario.needs);
  if (missing === undefined) {
    test(scenario.file, replayScenario, scenario);
  } else {
    test.todo(`${scenario.file} (needs ${missing})`);
  }
}
