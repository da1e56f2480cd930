// The access rules of clients, as sentences.

import test from 'ava';
import { Conversion } from '../../../../src/lib/core/recording/conversion.js';

/** What is left of these lines after the rules, without header, contexts and names only. */
function left(version: string, lines: readonly string[]): string[] {
  const conversion = new Conversion({ filtersAccess: true, outputFormat: 'text' }, () => {});
  const text = `!version=${version}\n${lines.join('\n')}\n`;
  const out = Buffer.concat([conversion.read(Buffer.from(text)), conversion.end()]).toString();
  return out
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(' ').slice(0, 2).join(' '))
    .filter((line) => !line.endsWith(' filtered'));
}

const new23 = (lines: readonly string[]): string[] => left('dp:4.25.1', lines);

test('guests draw, but only operators resize', (t) => {
  t.deepEqual(
    new23([
      '2 resize {"right":5}',
      '1 resize {"right":5}',
      '0 resize {"right":5}',
      '2 pixeldabs {"layer":257,"_":[{"size":5}]}',
    ]),
    ['1 resize', '0 resize', '2 pixeldabs'],
  );
});

test('features follow the tiers that operators set', (t) => {
  t.deepEqual(
    new23([
      '2 featureaccess {"feature_tiers":[3,3,3]}',
      '2 resize',
      '1 featureaccess {"feature_tiers":[255,255,3,255,255,255,255,0]}',
      '2 resize',
      '2 lasertrail',
      '2 background',
    ]),
    ['1 featureaccess', '2 resize'],
  );
});

test('trusted and authenticated people are between operators and guests', (t) => {
  t.deepEqual(
    new23([
      '1 featureaccess {"feature_tiers":[3,3,1,2]}',
      '2 join {"name":"a","flags":["auth"]}',
      '3 join {"name":"b"}',
      '1 trusted {"users":[3]}',
      '2 resize',
      '3 resize',
      '2 background',
      '4 background',
      '2 leave',
      '2 background',
    ]),
    ['1 featureaccess', '2 join', '3 join', '1 trusted', '3 resize', '2 background', '2 leave'],
  );
});

test('own layers are for everybody, those of others are not', (t) => {
  t.deepEqual(
    new23([
      '2 layertreecreate {"id":258}', // number 1 of user 2
      '2 layertreecreate {"id":257}', // number 1 of user 1
      '2 retitlelayer {"id":258,"title":"mine"}',
      '2 retitlelayer {"id":259,"title":"not mine"}',
      '1 retitlelayer {"id":258,"title":"an operator may"}',
    ]),
    ['2 layertreecreate', '2 retitlelayer', '1 retitlelayer'],
  );
});

test('locks: the canvas, a user, a layer, and layers for some', (t) => {
  const dab = (user: number, layer: number): string =>
    `${user} pixeldabs {"layer":${layer},"_":[{"size":1}]}`;
  t.deepEqual(
    new23(['1 layeracl {"id":0,"flags":128}', dab(1, 257), '1 chat', '1 layeracl {"id":0}', dab(2, 257)]),
    ['1 layeracl', '1 chat', '1 layeracl', '2 pixeldabs'],
  );
  t.deepEqual(new23(['1 useracl {"users":[2]}', dab(2, 257), dab(3, 257)]), ['1 useracl', '3 pixeldabs']);
  t.deepEqual(new23(['1 layeracl {"id":257,"flags":131}', dab(1, 257), dab(2, 513)]), [
    '1 layeracl',
    '2 pixeldabs',
  ]);
  t.deepEqual(new23(['1 layeracl {"id":257,"flags":3,"exclusive":[2]}', dab(1, 257), dab(2, 257)]), [
    '1 layeracl',
    '2 pixeldabs',
  ]);
  t.deepEqual(new23(['1 layeracl {"id":257,"flags":0}', dab(1, 257), dab(2, 257)]), [
    '1 layeracl',
    '1 pixeldabs',
  ]);
});

test('brush sizes are limited per tier since 2.3', (t) => {
  const soft = (user: number, size: number): string =>
    `${user} classicdabs {"layer":257,"_":[{"size":1,"hardness":1},{"size":${size}}]}`;
  t.deepEqual(new23([soft(2, 256.5), soft(2, 255.5), soft(1, 4000)]), ['2 classicdabs', '1 classicdabs']);
  t.deepEqual(new23(['1 featurelimits {"limits":[-1,-1,-1,10]}', soft(2, 20), soft(2, 10)]), [
    '1 featurelimits',
    '2 classicdabs',
  ]);
});

test('protected annotations belong to their makers and to operators', (t) => {
  t.deepEqual(
    new23([
      '2 newannotation {"id":258}',
      '2 editannotation {"id":258,"flags":["protect"]}',
      '3 reshapeannotation {"id":258}',
      '3 deleteannotation {"id":258}',
      '1 deleteannotation {"id":258}',
      '3 deleteannotation {"id":258}',
    ]),
    ['2 newannotation', '2 editannotation', '1 deleteannotation', '3 deleteannotation'],
  );
});

test('in 2.1 ids begin with the user, and only operators undo for others or pin', (t) => {
  t.deepEqual(
    left('dp:4.21.2', [
      '2 newlayer id=0x0201 title=a',
      '2 newlayer id=0x0101 title=a',
      '2 undo',
      '2 undo override=1',
      '1 undo override=2',
      '2 chat flags=pin message=x',
      '1 chat flags=pin message=x',
      '2 puttile layer=0x0201 color=#ffffff',
    ]),
    ['2 newlayer', '2 undo', '1 undo', '1 chat'],
  );
});

test('what 2.1 filters is kept as filtered', (t) => {
  const conversion = new Conversion({ filtersAccess: true, outputFormat: 'text' }, () => {});
  const text = Buffer.concat([
    conversion.read(Buffer.from('!version=dp:4.21.2\n2 resize right=5\n')),
    conversion.end(),
  ]).toString();
  t.regex(text, /^2 filtered message=gQ/m);
  t.like(conversion.count, { filteredMessages: 1, writtenMessages: 1, droppedMessages: 0 });
});

test('what selections, timelines and the tree of layers ask for is what clients ask for', (t) => {
  t.deepEqual(
    new23([
      '1 setmetadataint {"field":4,"value":9}',
      '2 setmetadataint {"field":4,"value":9}', // frames belong to the timeline, which guests may change
      '2 setmetadataint {"field":0,"value":9}', // the resolution belongs to the canvas
      '2 setmetadataint {"field":7,"value":9}', // the offset belongs to operators
      '2 pixeldabs {"layer":8388864,"_":[{"size":5}]}', // a selection
      '1 layeracl {"id":8388864,"flags":131}',
      '1 featureaccess {"feature_tiers":[3,3,0,0,0,0]}',
      '2 layertreemove {"layer":258,"parent":0}',
    ]),
    ['1 setmetadataint', '2 setmetadataint', '1 featureaccess'],
  );
});

test('in 2.2 ids begin with the user, and what later rules say about owners holds', (t) => {
  t.deepEqual(
    left('dp:4.24.0', [
      '2 layertreecreate id=0x0201',
      '2 layertreecreate id=0x0102',
      '2 retitlelayer id=0x0201 title=mine',
      '2 retitlelayer id=0x0101 title=another',
      '1 layeracl id=513 flags=131',
      '2 fillrect layer=0x0201 w=5 h=5',
      '2 fillrect layer=0x0202 w=5 h=5',
      '2 setmetadataint field=4 value=9',
    ]),
    ['2 layertreecreate', '2 retitlelayer', '1 layeracl', '2 fillrect', '2 setmetadataint'],
  );
});
