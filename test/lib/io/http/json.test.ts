// JSON as the original servers write it.

import test from 'ava';
import { formatJson } from '../../../../src/lib/io/http/json.js';

test('keys are in order at each depth, whatever they are called, and nothing is lost', (t) => {
  const value = JSON.parse(
    '{"b":[{"z":1,"a":null}],"__proto__":{"d":true,"c":{}},"a":"ä","B":1.5}',
  ) as unknown;
  const text = formatJson(value);
  t.deepEqual(JSON.parse(text), value);
  t.is(
    text.replaceAll(/\n */g, ''),
    '{"B": 1.5,"__proto__": {"c": {},"d": true},"a": "ä","b": [{"a": null,"z": 1}]}',
  );
  t.regex(text, /^\{\n {4}"B": 1\.5,\n/);
  t.true(text.endsWith('}\n'));
});
