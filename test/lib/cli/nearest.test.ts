import test from 'ava';
import { nearest } from '../../../src/lib/cli/nearest.js';

const words = ['clientTimeout', 'idleTimeLimit', 'persistence', 'archive'];

const row = test.macro((t, typed: string, meant: string | undefined) => {
  t.is(nearest(typed, words), meant);
});

test('a missing letter', row, 'clientTimout', 'clientTimeout');
test('swapped letters', row, 'persistnece', 'persistence');
test('the wrong case', row, 'IDLETIMELIMIT', 'idleTimeLimit');
test('something else altogether', row, 'welcome', undefined);
test('nothing', row, '', undefined);
