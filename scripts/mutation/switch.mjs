// What compiled code with all its mistakes in it (mutants.mjs) asks at each of them: whether it is the one to make. Remembers
// which it was asked about.
import { appendFileSync } from 'node:fs';

/** Of each mutant: whether its place has run since this was cleared. */
export const ran = new Uint8Array(65_536);
let chosen = Number(process.env.DP_MUTANT ?? -1);
/** What other processes and threads than the one that runs the tests write down. */
let notes = process.env.DP_MUTATION_NOTES;

/** This process runs the tests: it knows by itself what it runs. */
export function runTestsHere() {
  notes = undefined;
}

/** The mutant with this number; none: -1. Processes and threads that are started now make the same mistake. */
export function choose(id) {
  chosen = id;
  process.env.DP_MUTANT = String(id);
}

export function is(id) {
  if (notes !== undefined && ran[id] === 0) appendFileSync(notes, `${id}\n`);
  ran[id] = 1;
  return id === chosen;
}

export const truth = (id, value) => (is(id) ? !value : value);
export const not = (id, value) => (is(id) ? value : !value);

export const same = (id, a, b) => (is(id) ? a !== b : a === b);
export const differs = (id, a, b) => (is(id) ? a === b : a !== b);
export const plus = (id, a, b) => (is(id) ? a - b : a + b);
export const minus = (id, a, b) => (is(id) ? a + b : a - b);
export const times = (id, a, b) => (is(id) ? a / b : a * b);
export const by = (id, a, b) => (is(id) ? a * b : a / b);
export const and = (id, a, b) => (is(id) ? a | b : a & b);
export const or = (id, a, b) => (is(id) ? a & b : a | b);

export const less = (id, a, b) => (is(id) ? a <= b : is(id + 1) ? a >= b : a < b);
export const atMost = (id, a, b) => (is(id) ? a < b : is(id + 1) ? a > b : a <= b);
export const more = (id, a, b) => (is(id) ? a >= b : is(id + 1) ? a <= b : a > b);
export const atLeast = (id, a, b) => (is(id) ? a > b : is(id + 1) ? a < b : a >= b);
