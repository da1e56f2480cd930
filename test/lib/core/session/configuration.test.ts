// The configuration of a session: what is stored of it, and what everybody is told.
import test from 'ava';
import { Configuration } from '../../../../src/lib/core/session/configuration.js';
import { emptySaved, type SavedSession } from '../../../../src/lib/core/session/saved.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { type Sent, sentAs } from '../../../helpers/fake-member.js';

const protocol = 'dp:4.25.1';

function makeConfiguration(
  saved: Partial<SavedSession> = {},
  options: { settings?: Record<string, string>; hasWebSockets?: boolean; room?: number } = {},
) {
  const done: unknown[] = [];
  const sent = (kind: string) => (frame: Buffer | undefined) => {
    done.push(kind, frame && sentAs(frame));
    return true;
  };
  const phase = { isEnded: false };
  const session = {
    needs: { settings: new MemorySettings(options.settings), hasWebSockets: options.hasWebSockets ?? false },
    phase,
    password: { isAnnounced: true, keep: (text: string) => void done.push(`password ${text}`) },
    opword: { isAnnounced: false },
    autoReset: { check: () => void done.push('autoreset checked') },
    flow: {
      sizeLimit: 5000,
      resetBase: 300,
      hasRoomFor: (bytes: number) => bytes <= (options.room ?? 1e9),
      anchor: () => 'place',
      store: sent('stored'),
      sendToAll: sent('sent'),
      notifyOutOfSpace: () => void done.push('full'),
    },
    write: (entry: unknown) => void done.push(entry),
  };
  const configuration = new Configuration(session as never, { ...emptySaved('id', protocol), ...saved });
  return { configuration, done, phase };
}

const setting = (name: string, value: unknown) => ({ key: 'setting', name, value });

test('values are stored one by one, flags all together when that is asked for', (t) => {
  const { configuration, done } = makeConfiguration();
  configuration.set('title', 'Ink');
  configuration.set('nsfm', true);
  configuration.set('deputies', true);
  t.deepEqual(done, [setting('title', 'Ink')]);
  configuration.writeFlags();
  t.deepEqual(done[1], { key: 'flags', flags: ['nsfm', 'deputies'] });
  t.is(configuration.options.title, 'Ink');
});

test('a new session stores what is not as usual, and its password in the stored form', (t) => {
  const usual = makeConfiguration({ resetThreshold: 1000 });
  usual.configuration.initialize({ flags: {}, password: '' });
  t.deepEqual(usual.done, [setting('resetThreshold', 1000)]);
  const other = makeConfiguration({ resetThreshold: 1000, maxUserCount: 7 });
  other.configuration.initialize({ flags: { nsfm: true }, password: 'plain;x' });
  t.deepEqual(other.done, [
    'password plain;x',
    { key: 'flags', flags: ['nsfm'] },
    setting('resetThreshold', 1000),
    setting('maxUserCount', 7),
  ]);
  t.true(other.configuration.options.nsfm);
});

test('everything of a template is stored: passwords before what others may read, and nothing twice', (t) => {
  const saved = {
    ...emptySaved('', protocol),
    founder: 'teacher',
    title: 'Lesson',
    password: 'plain;x',
    opword: 'plain;y',
    maxUserCount: 9,
    resetThreshold: 5000,
    flags: new Set(['nsfm'] as const),
  };
  const { configuration, done } = makeConfiguration(saved);
  configuration.writeAll(saved, 'https://list.example/');
  t.deepEqual(done, [
    setting('maxUserCount', 9),
    setting('password', 'plain;x'),
    setting('opword', 'plain;y'),
    setting('title', 'Lesson'),
    { key: 'announce', url: 'https://list.example/' },
    { key: 'flags', flags: ['nsfm'] },
    setting('resetThreshold', 5000),
  ]);
  const plain = makeConfiguration({ resetThreshold: 1 });
  plain.configuration.writeAll(emptySaved('', protocol), '');
  t.deepEqual(plain.done, [
    setting('maxUserCount', 254),
    { key: 'flags', flags: [] },
    setting('resetThreshold', 1),
  ]);
});

test('a setting is made what the server requires, once', (t) => {
  const { configuration, done } = makeConfiguration(
    { resetThreshold: 1000 },
    { settings: { minimumAutoResetThreshold: '2kb' } },
  );
  t.true(configuration.meet('resetThreshold'));
  t.false(configuration.meet('resetThreshold'));
  t.false(configuration.meet('title'));
  t.deepEqual(done, [setting('resetThreshold', 2048)]);
});

test('everybody reads the values, what bounds them, and whether there are passwords', (t) => {
  const { configuration, done } = makeConfiguration({ title: 'Ink', resetThreshold: 1000 });
  configuration.store();
  const [kind, reply] = done as [string, { config: Record<string, unknown>; hidx: string }];
  t.is(kind, 'stored');
  t.is(reply.hidx, 'place');
  t.like(reply.config, {
    title: 'Ink',
    closed: null,
    hasPassword: true,
    hasOpword: false,
    resetThreshold: 1000,
    resetThresholdBase: 300,
    maxSize: 5000,
  });
  t.false('preferWebSockets' in reply.config);
  t.false('allowWeb' in reply.config);
});

test('web browsers are spoken of where there are WebSockets', (t) => {
  const { configuration, done } = makeConfiguration({}, { hasWebSockets: true });
  configuration.store();
  const { config } = done[1] as { config: Record<string, unknown> };
  t.false(config.preferWebSockets);
  t.true('allowWeb' in config);
});

test('settings of the server reach everybody through the history, or directly where that is full, and not after the end', (t) => {
  const { configuration, done, phase } = makeConfiguration();
  configuration.sendServerSettings();
  t.deepEqual([done[0], done[2]], ['stored', 'autoreset checked']);
  phase.isEnded = true;
  configuration.sendServerSettings();
  t.is(done.length, 3);
  const full = makeConfiguration({}, { room: 10 });
  full.configuration.sendServerSettings();
  t.is(full.done[0], 'sent');
  t.is((full.done[1] as Sent & { hidx?: string }).hidx, undefined, 'it has no place');
  t.deepEqual(full.done.slice(2), ['full', 'autoreset checked']);
});
