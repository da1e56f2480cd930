// Runs a command of dist/commands, whoever asks for it. A server first settles the part of the heap that only grows: that
// has to come before everything that makes it grow.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// Node ends without a word when nothing is left that could settle what is awaited below. It sets its status for that
// at the same event, so only the exit code tells.
const unsettled = 13;

export async function executeCommand(args) {
  process.on('exit', (status) => {
    if (status !== unsettled && process.exitCode !== unsettled) return;
    process.stderr.write(
      'error: internal error: the command ended before it was done\nhint: report it, with the command\n',
    );
    process.exitCode = 1;
  });
  if (args[0] === 'serve') {
    const { settleYoungHeap } = await import('../dist/lib/io/system/young-heap.js');
    settleYoungHeap();
    const { loadInTurn } = await import('../dist/lib/io/system/load-in-turn.js');
    await loadInTurn();
  }
  // this file alone, and not by import: the package's index would be a third of our start-up time
  const { execute } = createRequire(import.meta.url)('@oclif/core/execute');
  // no plugins but our own are looked for: it takes time, and what lies in the user's data folder is data, not code
  await execute({ args, loadOptions: { root: fileURLToPath(import.meta.url), userPlugins: false } });
}
