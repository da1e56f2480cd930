// Replays the recorded conversations about sessions with all of them kept in files, and recorded.

import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MemorySettings } from '../../src/lib/core/settings/settings.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { replayScenario } from './run.js';
import { realClientScenarios, type Scenario, sessionScenarios } from './scenarios.js';

const stored = test.macro({
  async exec(t: ExecutionContext, scenario: Scenario) {
    const folder = tempFolder(t);
    const settings = new MemorySettings(scenario.settings);
    const storage = await makeStorage({
      settings,
      log: { write: ({ level, message }) => level === 'error' && t.fail(message) },
      sessions: join(folder, 'sessions'),
      record: join(folder, '%i.dprec'),
    });
    storage.open();
    t.teardown(() => storage.stop());
    await replayScenario(t, scenario, { settings, ...storage.parts });
  },
  title: (_, scenario) => `${scenario.file} with files`,
});

const ofClients = realClientScenarios.filter(({ file }) => /reset|persist/.test(file));
for (const scenario of [...sessionScenarios, ...ofClients]) {
  // Those that were recorded with a folder are replayed with one anyway.
  if (scenario.hasSessionsFolder) continue;
  test(stored, scenario);
}
