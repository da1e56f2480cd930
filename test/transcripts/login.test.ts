// Replays the recorded conversations of test/vectors/login against a whole server.

import test from 'ava';
import { replayScenario } from './run.js';
import { loginScenarios } from './scenarios.js';

for (const scenario of loginScenarios) {
  test(scenario.file, replayScenario, scenario);
}
