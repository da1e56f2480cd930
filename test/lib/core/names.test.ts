// Which names are the same name.
import test from 'ava';
import { canonicalName, findByName, isSameName } from '../../../src/lib/core/names.js';

for (const [what, other] of [
  ['letter case', 'aLICE'],
  ['a trailing blank', 'Alice '],
  ['a leading no-break space', '\u00a0Alice'],
  ['a tab', 'Alice\t'],
  ['a zero-width space', 'Al\u200bice'],
  ['a zero-width joiner', 'Alice\u200d'],
  ['a soft hyphen', 'Al\u00adice'],
  ['a byte order mark', '\ufeffAlice'],
  ['a direction override', '\u202eAlice\u202c'],
  ['a direction isolate', '\u2066Alice\u2069'],
  ['a variation selector', 'Alice\ufe0f'],
  ['a word joiner', 'Al\u2060ice'],
  ['a Hangul filler', 'Alice\u3164'],
  ['a tag character', 'Alice\u{e0041}'],
  ['a control character', 'Ali\u0007ce'],
  ['full-width letters', 'Ａｌｉｃｅ'],
  ['mathematical letters', '𝐀𝐥𝐢𝐜𝐞'],
] as const) {
  test(`'Alice' with ${what} is the same name`, (t) => {
    t.true(isSameName('Alice', other));
  });
}

for (const [a, b] of [
  ['Zoë', 'Zoe\u0308'],
  ['ﬁsh', 'fish'],
  ['STRASSE', 'straße'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
  ['a  b', 'A b'],
  ['Å', '\u212b'],
] as const) {
  test(`${a} and ${b} are the same name`, (t) => t.true(isSameName(a, b)));
}

for (const [a, b] of [
  ['Alice', 'Alicia'],
  ['Zoë', 'Zoe'],
  ['a b', 'ab'],
  ['名前', '名'],
] as const) {
  test(`${a} and ${b} are different names`, (t) => t.false(isSameName(a, b)));
}

test('of names without anything to see nothing is left', (t) => {
  for (const name of ['', '   ', '\u200b\u200d', '\u00ad', '\u3164 \u2800'.slice(0, 2), '\u202e']) {
    t.is(canonicalName(name), '', JSON.stringify(name));
  }
});

test('the exact name comes first where an original server has both', (t) => {
  const list = [{ name: 'alice' }, { name: 'Alice' }];
  t.is(findByName(list, 'Alice'), list[1]);
  t.is(findByName(list, 'alice'), list[0]);
  t.is(findByName(list, 'ALICE'), list[0]);
  t.is(findByName(list, 'bob'), undefined);
});

test('the canonical form of a canonical form is itself', (t) => {
  for (const name of ['Alice', 'straße', 'ΣΊΣΥΦΟΣ', 'İstanbul', 'ﬁ ﬂ', 'Ⅷ', '㎏', 'ǅ']) {
    t.is(canonicalName(canonicalName(name)), canonicalName(name), name);
  }
});
