// Puts one change into one module while tests run: the worker gets it in MUTANT (see run.mjs).
import { register } from 'node:module';

if (process.env.MUTANT) register('./hooks.mjs', import.meta.url);
