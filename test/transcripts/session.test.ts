// Replays the recorded conversations of test/vectors/session against a whole server.

import test from 'ava';
import { replayScenario } from './run.js';
import { sessionScenarios } from './scenarios.js';

for (const scenario of sessionScenarios) {
  test(scenario.file, replayScenario, scenario);
}
