// Sentences of help, manual and pages that are true, and must stay so: what clients do with self-signed certificates, and
// that nobody is led to somebody else's package.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import CertCreate from '../../src/commands/cert/create.js';
import Init from '../../src/commands/init.js';
import { pageFiles, readPage } from '../helpers/pages.js';

const manual = (name: string) => readFileSync(`man/${name}.1`, 'utf8').replaceAll('\n', ' ');
const texts: Record<string, string> = {
  'dp cert create --help': [CertCreate.summary, CertCreate.description].join(' ').replaceAll(/\s+/g, ' '),
  'man dp-cert-create': manual('dp-cert-create'),
};

for (const [where, text] of Object.entries(texts)) {
  test(`${where} says what clients do with a self-signed certificate`, (t) => {
    t.regex(text, /accept a self-signed certificate at the first connection without asking, and pin it/);
    t.regex(text, /2\.3 compares the entire certificate/);
    t.regex(text, /Server SSL certificate has changed!/);
    t.regex(text, /Browsers, and desktop clients 2\.3 over WebSocket, refuse self-signed certificates/);
    // What was said once, and is not so.
    t.notRegex(
      text,
      /clients? (?:will )?asks? (?:for|whether|the first)|not notice|same key is (?:enough|not)/i,
    );
  });
}

test('no page, manual or help pairs a self-signed certificate with a WebSocket port', (t) => {
  const blocks = pageFiles.flatMap((file) =>
    readPage(file).blocks.map(({ place, text }) => ({ place, text: text.replaceAll('\\\n', ' ') })),
  );
  const examples = (Init.examples ?? []).map((example) => ({
    place: 'dp init --help',
    text: typeof example === 'string' ? example : example.command,
  }));
  for (const { place, text } of [...blocks, ...examples]) {
    for (const line of text.split('\n')) {
      if (!/self-signed/.test(line)) continue;
      t.notRegex(line, /--(?:websocket|web)-port/, place);
    }
  }
});

/** Where people read, and what they may type from it. */
const written = [
  ...pageFiles,
  'CONTRIBUTING.md',
  ...readdirSync('man').map((name) => path.join('man', name)),
];

test('npx dp is named only where it is said that it is somebody else’s, and is nowhere to be typed', (t) => {
  let count = 0;
  for (const file of written) {
    const text = readFileSync(file, 'utf8');
    for (const { index } of text.matchAll(/\bnpx (?:--yes |-y )?(?:dp|drawpile-srv)\b/g)) {
      count++;
      const around = text.slice(Math.max(0, index - 200), index + 200).replaceAll('\n', ' ');
      t.regex(around, /another program|unrelated package/, `${file}: ${around}`);
    }
  }
  t.true(count > 0);
  for (const file of pageFiles) {
    for (const { place, text } of readPage(file).blocks) t.notRegex(text, /\bnpx (?:-\S+ )*dp\b/, place);
  }
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  for (const name of sources)
    t.notRegex(readFileSync(path.join('src', name), 'utf8'), /npx (?:-\S+ )*dp\b/, name);
});
