// `node --import loader.mjs worker.mjs FILE …`: runs test files one after the other until one fails. Status 0: none did; 1: one
// did, and its title is the last line of the output.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runFile } from './small-ava.mjs';

const end = (status, said) => {
  process.stdout.write(`${String(said).split('\n', 1)[0]}\n`, () => process.exit(status));
};
process.on('unhandledRejection', (error) => end(1, `unhandled: ${error}`));
process.on('uncaughtException', (error) => end(1, `uncaught: ${error}`));
// nothing is left that could settle what a test waits for
process.on('beforeExit', () => end(1, 'a test never ended'));

for (const file of process.argv.slice(2)) {
  try {
    await runFile(pathToFileURL(resolve(file)).href);
  } catch (error) {
    end(1, `${file}: ${error.message}`);
    await new Promise(() => {});
  }
}
end(0, 'passed');
