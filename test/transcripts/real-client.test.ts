// Replays the recorded conversations of test/vectors/real-client against a whole server.

import test from 'ava';
import { replayScenario } from './run.js';
import { realClientScenarios } from './scenarios.js';

for (const scenario of realClientScenarios) {
  test(scenario.file, replayScenario, scenario);
}
