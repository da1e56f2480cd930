// Loads test files for mutation testing: `ava` is the small one beside this, and the worker gets the one change that is to be
// in a module in MUTANT (see run.mjs). Processes that tests start inherit both.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
