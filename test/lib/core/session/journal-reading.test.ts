// What a journal says when bytes of it are missing or wrong: nothing lets anybody in who was kept out.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { doubtLine, readJournal, repairJournal } from '../../../../src/lib/core/session/journal-reading.js';
import { checkSeals, crc32, seal, sealAll } from '../../../../src/lib/core/session/journal-seals.js';
import { writeJournalLine } from '../../../../src/lib/core/session/journal-text.js';
import type { SavedSession } from '../../../../src/lib/core/session/saved.js';

const id = '01m8117n3gr05sv034sn5seq1e';
const hash =
  'sodium;$argon2id$v=19$m=65536,t=2,p=1$rgvxp/63yXKr8130uTKPcg$v+EVD93M6mUWO5sk5yY2CwcF+dRiWYb/RCUguBL7HGs';

/** A journal as dp writes it, a batch of lines at a time. */
function sealed(...batches: readonly string[][]): Buffer {
  let chain = 0;
  const pieces = batches.map((lines) => {
    const batch = seal(lines, chain);
    chain = batch.chain;
    return batch.bytes;
  });
  return Buffer.concat(pieces);
}

const journal = sealed(
  [`FILE ${id}.dprec`],
  ['ALIAS room', 'FOUNDER alice'],
  ['AUTORESET 15728640', `PASSWORD ${hash}`],
  ['FLAGS persistent authonly invites'],
  ['USER 1 alice', 'AUTHNAME internal%3A2 alice', 'OP internal:2'],
  ['TITLE Jam *session* of Joan'],
  ['BAN 1 bob 192.0.2.7  alice bbbb0000111122223333444455556666'],
);
const whole = readJournal(id, journal);

/** Whether `saved` lets in or makes more of somebody than `than` does. */
function weakness(saved: SavedSession, than: SavedSession): string | undefined {
  if (saved.password !== than.password) return 'password';
  if (!saved.flags.has('persistent')) return 'persistent';
  if (!saved.flags.has('authOnly')) return 'authOnly';
  if (saved.bans.length < than.bans.length) return 'bans';
  for (const op of saved.ops) if (!than.ops.has(op)) return 'ops';
  if (saved.invites.length > than.invites.length) return 'invites';
  return undefined;
}

test('a journal with check sums is read as it was written, and nothing is doubted', (t) => {
  t.deepEqual(whole.doubts, []);
  t.deepEqual(whole.remarks, []);
  t.is(whole.unfinishedBytes, 0);
  t.is(whole.saved.password, hash);
  t.deepEqual([...whole.saved.ops], ['internal:2']);
  t.is(whole.end.sizeBytes, journal.length);
});

test('the sums are those of zlib', (t) => {
  t.is(crc32(Buffer.from('123456789')), 0xcbf43926);
  t.is(crc32(Buffer.from('6789'), crc32(Buffer.from('12345'))), 0xcbf43926);
});

test('whatever bit of a journal changes, the session is shut, or what protects it is as it was', (t) => {
  for (let bit = 0; bit < journal.length * 8; bit++) {
    const damaged = Buffer.from(journal);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const { saved, doubts, fileNames } = readJournal(id, damaged);
    if (doubts.some(({ isShut }) => isShut)) {
      const more = [...saved.ops].filter((op) => !whole.saved.ops.has(op));
      if (more.length > 0) t.fail(`bit ${bit} makes ${more} an operator`);
    } else {
      const what = weakness(saved, whole.saved);
      if (what !== undefined) t.fail(`bit ${bit} changes ${what} and nobody notices`);
      t.deepEqual(fileNames, whole.fileNames);
    }
  }
});

test('whatever bit of a journal changes, the check sums find it again', (t) => {
  let found = 0;
  for (let bit = 0; bit < journal.length * 8; bit++) {
    const damaged = Buffer.from(journal);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const { bytes } = repairJournal(damaged);
    if (bytes.equals(journal)) found++;
    else t.notDeepEqual(checkSeals(damaged).lines, [], `bit ${bit}`);
  }
  // All but those in the check sums themselves.
  t.true(found > journal.length * 8 * 0.6, `${found} of ${journal.length * 8}`);
});

test('whatever bit of a journal of the original changes, keywords and flags are not lost unnoticed', (t) => {
  const path = `test/vectors/formats/v23/store/${id}.session`;
  const original = readFileSync(path);
  const { saved } = readJournal(id, original);
  for (let bit = 0; bit < original.length * 8; bit++) {
    const damaged = Buffer.from(original);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const after = readJournal(id, damaged);
    if (after.doubts.length > 0) continue;
    if (!after.saved.flags.has('persistent')) t.fail(`bit ${bit} loses persistent`);
    if (after.saved.opword === '' && saved.opword !== '') t.fail(`bit ${bit} loses the operator password`);
  }
  t.pass();
});

test('once a journal of the original was covered, every changed bit of it is noticed', (t) => {
  const original = readFileSync(`test/vectors/formats/v23/store/${id}.session`);
  const { end } = readJournal(id, original);
  const covered = Buffer.concat([original, Buffer.from(end.prefix)]);
  t.deepEqual(readJournal(id, covered).doubts, []);
  for (let bit = 0; bit < original.length * 8; bit++) {
    const damaged = Buffer.from(covered);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    if (readJournal(id, damaged).doubts.length === 0) t.fail(`bit ${bit} is not noticed`);
  }
});

for (const cut of [1, 3, 9, 20, 60]) {
  test(`a PASSWORD line of which ${cut} bytes were written keeps a session shut that had none`, (t) => {
    const { saved, doubts } = readJournal(
      id,
      Buffer.from(`FILE ${id}.dprec\nFOUNDER a\n${`PASSWORD ${hash}`.slice(0, cut)}`),
    );
    t.is(saved.password, '');
    t.true(doubts.some(({ isShut }) => isShut));
  });
}

test('an unfinished line is left out, and the value before it holds', (t) => {
  const before = `FILE ${id}.dprec\nPASSWORD ${hash}\nFLAGS persistent\nMAXUSERS 20\nTITLE before\n`;
  for (const line of [
    `PASSWORD ${hash.slice(0, 40)}`,
    'PASSWORD ',
    'FLAGS pers',
    'MAXUSERS 2',
    'TITLE aft',
  ]) {
    const { saved, doubts, unfinishedBytes, end } = readJournal(id, Buffer.from(before + line));
    t.deepEqual(doubts, [], line);
    t.is(unfinishedBytes, line.length);
    t.is(end.sizeBytes, before.length);
    t.is(saved.password, hash);
    t.true(saved.flags.has('persistent'));
    t.is(saved.maxUserCount, 20);
    t.is(saved.title, 'before');
  }
});

test('unfinished flags of a session that had none: it is kept, and open', (t) => {
  const { doubts } = readJournal(id, Buffer.from(`FILE ${id}.dprec\nFLAGS persis`));
  t.deepEqual(
    doubts.map(({ isShut }) => isShut),
    [false],
  );
});

for (const [what, line] of [
  ['a hash that is too short', 'PASSWORD pbkdf2;1;AAAA;BBBB'],
  ['a hash of Argon2 that was cut', `PASSWORD ${hash.slice(0, -1)}`],
  ['a hash of Argon2 with nothing left', `PASSWORD ${hash.slice(0, -42)}`],
  ['a hash of no known form', 'OPWORD nonsense'],
  ['a keyword with another letter', 'FLAGR persistent'],
  ['a keyword that lost its blank', 'FLAGS0persistent'],
  ['a flag with another letter', 'FLAGS persistenu'],
  ['two lines in one', 'TITLE x*FLAGS persistent'],
  ['a cut FLAGS line with the next one', 'FLAGS persTITLE after'],
  ['a FLAGS line without its end', 'FLAGS TITLE after'],
  ['a cut keyword with the next line', `MAXUSEPASSWORD ${hash}`],
  ['a cut keyword and flags', 'PASSWOFLAGS authonly'],
  ['a cut title with a password', `TITLE my pictPASSWORD ${hash}`],
  ['a cut title with flags', 'TITLE my FLAGS authonly nsfm'],
  ['a cut user with a ban', 'USER 3 carBAN 2 bob 192.0.2.7  alice bbbb0000111122223333444455556666'],
  ['a cut address with a history', `ANNOUNCE https://list.exFILE ${id}_r2.dprec`],
  ['a number that is none', 'MAXUSERS 1x'],
  ['zeros', '\0\0\0\0\0\0'],
  ['bytes that are no text', 'TITLE \ufffd'],
] as const) {
  test(`without check sums, the session is shut after ${what}`, (t) => {
    const { doubts } = readJournal(id, Buffer.from(`FILE ${id}.dprec\n${line}\nUSER 1 a\n`));
    t.true(
      doubts.some(({ isShut }) => isShut),
      line,
    );
  });
}

test('keywords and flags of later versions are no damage', (t) => {
  const text = `FILE ${id}.dprec\nGALLERY 1\nFLAGS persistent sparkling\n# a comment\n\nTITLE fine\n`;
  const { doubts, remarks, saved } = readJournal(id, Buffer.from(text));
  t.deepEqual(doubts, []);
  t.is(remarks.length, 2);
  t.is(saved.title, 'fine');
});

test('what the original adds to a sealed journal counts', (t) => {
  const { saved, doubts, end } = readJournal(
    id,
    Buffer.concat([journal, Buffer.from('TITLE from the original\nFLAGS authonly\n')]),
  );
  t.deepEqual(doubts, []);
  t.is(saved.title, 'from the original');
  t.false(saved.flags.has('persistent'));
  t.regex(end.prefix, /^#dp all \d+ [0-9a-f]{8}\n$/);
});

test('a batch that is missing from the middle is noticed', (t) => {
  const cut = journal.indexOf('#dp sum', journal.indexOf('#dp sum', 10) + 1);
  const next = journal.indexOf('#dp sum', cut + 1);
  const { doubts } = readJournal(id, Buffer.concat([journal.subarray(0, cut), journal.subarray(next)]));
  t.true(doubts.length > 0);
});

test('a write that was cut anywhere is no damage, and what is written next is read', (t) => {
  const last = journal.lastIndexOf('#dp sum');
  for (let length = last + 1; length < journal.length; length++) {
    const cut = journal.subarray(0, length);
    const first = readJournal(id, cut);
    t.deepEqual(first.doubts, [], `${length}`);
    const next = seal(['TITLE next'], first.end.chain);
    const after = Buffer.concat([
      cut.subarray(0, first.end.sizeBytes),
      Buffer.from(first.end.prefix),
      next.bytes,
    ]);
    const second = readJournal(id, after);
    t.deepEqual(second.doubts, [], `${length}`);
    t.is(second.saved.title, 'next');
    t.is(second.saved.password, hash);
  }
});

test('bytes that are missing in the last write, of which whole lines are left, are damage: nothing is opened by them', (t) => {
  const protectedLines = [`FILE ${id}.dprec`, `PASSWORD ${hash}`, 'TITLE kept', 'FLAGS persistent'];
  const whole = sealed(protectedLines).toString();
  const later = sealed([`FILE ${id}.dprec`], [`PASSWORD ${hash}`]).toString();
  const damaged = {
    'the line of the password is missing': whole.replace(/PASSWORD.*\n/, ''),
    'the password is missing': whole.replace(/PASSWORD.*\n/, 'PASSWORD \n'),
    'the password and its blank are missing': whole.replace(/PASSWORD.*\n/, 'PASSWORD\n'),
    'another password, shorter': whole.replace(/PASSWORD.*\n/, 'PASSWORD plain;mine\n'),
    'the keyword is missing': whole.replace('PASSWORD ', ''),
    'all flags are missing': whole.replace(/FLAGS.*\n/, 'FLAGS\n'),
    'the end is missing from some line on': whole.slice(0, whole.indexOf('PASSWORD')),
    'a later password is missing': later.replace(/PASSWORD.*\n/, 'PASSWORD \n'),
    'a later password is another one': later.replace(/PASSWORD.*\n/, 'PASSWORD plain;mine\n'),
  };
  for (const [what, text] of Object.entries(damaged)) {
    const { doubts, end } = readJournal(id, Buffer.from(text));
    t.true(
      doubts.some(({ isShut }) => isShut),
      what,
    );
    t.is(end.prefix, '', `${what}: nothing vouches for it`);
    // What is written behind it does not make it good.
    const more = Buffer.concat([Buffer.from(text), seal(['TITLE next'], end.chain).bytes]);
    t.true(readJournal(id, more).doubts.length > 0, what);
    t.is(readJournal(id, more).saved.title, 'next', what);
  }
});

/** What a stranger must not find changed by a power cut, wherever it comes. */
const cutJournals: Readonly<Record<string, readonly string[][]>> = {
  'one line at a time': [
    [`FILE ${id}.dprec`],
    ['FOUNDER alice'],
    [`PASSWORD ${hash}`],
    ['FLAGS persistent'],
    ['TITLE Jam'],
    ['USER 1 alice'],
  ],
  'many lines at a time': [
    [`FILE ${id}.dprec`],
    ['FOUNDER alice', 'TITLE Jam', `PASSWORD ${hash}`, 'FLAGS persistent authonly', 'MAXUSERS 20'],
    ['USER 1 alice', 'OP internal:2'],
  ],
  'all written anew': [
    [
      `FILE ${id}.dprec`,
      'FOUNDER alice',
      'TITLE Jam',
      'FLAGS persistent',
      `PASSWORD s+sha1;aabb;${'0'.repeat(40)}`,
      'MAXUSERS 20',
    ],
  ],
};

for (const [what, batches] of Object.entries(cutJournals)) {
  test(`cut at every byte, ${what}: what was being written is noticed, no protected session opens, no persistent one goes`, (t) => {
    const bytes = sealed(...batches);
    const ends = batches.map((_, index) => sealed(...batches.slice(0, index + 1)).length);
    const stateAt = (count: number) => readJournal(id, sealed(...batches.slice(0, count))).saved;
    for (let length = 1; length < bytes.length; length += 1) {
      if (ends.includes(length)) continue;
      const { saved, doubts, unfinishedBytes, end } = readJournal(id, bytes.subarray(0, length));
      const index = ends.findIndex((at) => at > length);
      const [before, after] = [stateAt(index), stateAt(index + 1)];
      const shown = `${length}: ${bytes.toString('utf8', 0, length).slice(-60)}`;
      t.true(unfinishedBytes > 0 || doubts.length > 0, shown);
      const isShut = doubts.some((doubt) => doubt.isShut);
      if (after.password !== '') t.true(isShut || saved.password !== '', shown);
      if (after.flags.has('persistent')) t.true(doubts.length > 0 || saved.flags.has('persistent'), shown);
      if (before.password !== '') t.is(saved.password, before.password, shown);
      // What comes next is read, and vouches for nothing that was in doubt.
      const kept = Buffer.concat([bytes.subarray(0, end.sizeBytes), Buffer.from(end.prefix)]);
      const lines = unfinishedBytes > 0 ? [...doubts.map(doubtLine), 'TITLE next'] : ['TITLE next'];
      const next = readJournal(id, Buffer.concat([kept, seal(lines, end.chain).bytes]));
      t.is(next.saved.title, 'next', shown);
      t.is(
        next.doubts.some((doubt) => doubt.isShut),
        isShut,
        shown,
      );
      t.is(next.doubts.length > 0, doubts.length > 0, shown);
    }
  });
}

for (const before of [
  'FOUNDER alice      ORD',
  'PASS\nWORD',
  'TITLE x',
  'password',
  '#PASSWORD',
  'PASSWORDS',
]) {
  test(`a stored password behind ${JSON.stringify(before)}, without check sums, shuts the session`, (t) => {
    for (const stored of [hash, `s+sha1;aabb;${'0'.repeat(40)}`]) {
      const text = `FILE ${id}.dprec\n${before} ${stored}\nTITLE x\n`;
      const { doubts } = readJournal(id, Buffer.from(text));
      t.true(
        doubts.some(({ isShut }) => isShut),
        text,
      );
    }
  });
}

test('a doubt stays in the journal until the journal is written anew', (t) => {
  const doubt = { isShut: true, why: 'the line that set its password is incomplete' };
  const { doubts } = readJournal(id, sealed([`FILE ${id}.dprec`], [doubtLine(doubt)]));
  t.deepEqual(doubts, [doubt]);
});

test('check sums are comments to whoever does not know them', (t) => {
  const text = journal.toString();
  const { line } = sealAll(journal);
  for (const each of [...text.split('\n'), line]) {
    if (each.startsWith('#')) continue;
    t.false(each.includes('#dp'), each);
  }
  t.is(
    writeJournalLine({ key: 'setting', name: 'title', value: '#dp sum 1 00000000' }),
    'TITLE #dp sum 1 00000000',
  );
});
