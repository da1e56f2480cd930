import test from 'ava';
import { parseProcessorList } from './processors.js';

test('ranges and single processors', (t) => {
  t.deepEqual(parseProcessorList('0-2,5,8-9'), [0, 1, 2, 5, 8, 9]);
  t.deepEqual(parseProcessorList('3'), [3]);
  t.deepEqual(parseProcessorList(''), []);
});
