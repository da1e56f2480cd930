import { readdirSync } from 'node:fs';
import test from 'ava';
import { frame, viewFrame } from '../helpers/wire.js';
import { readConversation } from './capture.js';
import { loginScenarios, realClientScenarios, sessionScenarios } from './scenarios.js';
import { ChosenValues } from './values.js';

test('every recorded file is a scenario', (t) => {
  const folders = { login: loginScenarios, session: sessionScenarios, 'real-client': realClientScenarios };
  for (const [folder, scenarios] of Object.entries(folders)) {
    const files = readdirSync(`test/vectors/${folder}`).filter((name) => /\.jsonl(\.gz)?$/.test(name));
    t.deepEqual(
      files.map((name) => `${folder}/${name.replace(/\.jsonl(\.gz)?$/, '')}`).sort(),
      scenarios.map(({ file }) => file).sort(),
    );
  }
});

test('a greeting begins a connection where the recorder has no row for it', (t) => {
  const { peers, rows } = readConversation('login/s23-guest-join-4.25.jsonl');
  t.deepEqual([...peers.keys()], ['joiner@2', 'host']);
  t.is(rows[0]!.kind, 'opened');
});

test('shortened filler is rebuilt', (t) => {
  const { rows } = readConversation('session/09-autoreset-classic.jsonl');
  const filler = rows.find((row) => row.kind === 'sent' && row.isFiller);
  t.true(filler?.kind === 'sent');
  if (filler?.kind === 'sent') {
    t.is(filler.frame.bytes.length, 1004);
    t.is(filler.frame.type, 140);
    t.true(filler.frame.payload.every((byte) => byte === 0x41));
  }
});

test('a packed recording reads like any other', (t) => {
  const { rows } = readConversation('real-client/23-full-on-23.jsonl.gz');
  t.is(rows.filter((row) => row.kind === 'sent').length, 298);
});

test('values that the server chose are put into what clients send', (t) => {
  const values = new ChosenValues();
  const theirs = '01m811576g3zc08z9tecxg0dtc';
  const ours = '01n000000g3zc08z9tecxg0dtc';
  const json = (value: object) => viewFrame(frame(0, 0, JSON.stringify(value)));
  values.learn(json({ join: { id: theirs } }), json({ join: { id: ours } }));
  values.learn(json({ hidx: `100:6:${theirs}` }), json({ hidx: `777:7:${ours}` }));
  values.learn(json({ secret: 'eb3dzvrp' }), json({ secret: 'xxxxxxxx' }));
  const sent = (value: object) => values.apply(json(value)).subarray(4).toString();
  t.is(sent({ args: [`${theirs}:eb3dzvrp`] }), JSON.stringify({ args: [`${ours}:xxxxxxxx`] }));
  t.is(sent({ hidx: `100:8:${theirs}` }), JSON.stringify({ hidx: `777:9:${ours}` }));
  t.is(sent({ hidx: `123:8:${theirs}` }), JSON.stringify({ hidx: `123:9:${ours}` }));
});
