// The shape of the code, checked: imports point down, the core does no I/O, nothing imports in a circle
// (README, "How it is built"). The layers are data; a new folder is a new row.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

const root = 'src';

/** Lowest first. A file imports only from its own layer's folder and from layers before it. */
const layers: readonly (readonly string[])[] = [
  [
    'lib/core/errors.ts',
    'lib/core/errors',
    'lib/core/bytes.ts',
    'lib/core/units.ts',
    'lib/core/addresses.ts',
    'lib/core/rate-limit.ts',
    'lib/core/printable.ts',
    'lib/core/log-levels.ts',
    'lib/core/names.ts',
    'lib/core/public-names.ts',
    'lib/core/text.ts',
  ],
  ['lib/core/protocol', 'lib/core/settings'],
  ['lib/core/canvas'],
  ['lib/core/recording', 'lib/core/picture'],
  // A session talks to a connection through the interface that the peer's folder holds.
  ['lib/core/session', 'lib/core/peer/needs.ts'],
  ['lib/core/login', 'lib/core/certificates'],
  ['lib/core/peer'],
  ['lib/admin'],
  // How files are opened and folders made: one rule for all adapters.
  ['lib/io/files'],
  ['lib/io'],
  ['lib/server'],
  ['lib/cli'],
  ['commands'],
  // The app in the browser: of the server it knows the types alone.
  ['web'],
];

/** Folders whose siblings never import each other, but for what is a layer of its own. */
const apart = ['lib/io'];

/** Packages that have one home. */
const homes: Readonly<Record<string, readonly string[]>> = {
  ws: ['lib/io/net'],
  'better-sqlite3': ['lib/io/sqlite'],
  ini: ['lib/io/disk'],
  '@oclif/core': ['lib/cli', 'commands'],
  inquirer: ['lib/cli', 'commands'],
  'cli-table3': ['lib/cli', 'commands'],
  'cli-progress': ['lib/cli'],
  '@bokuweb/zstd-wasm': ['lib/io/canvas'],
  gifenc: ['lib/io/canvas'],
  // Loaded when first needed, by lazy-packages.ts.
  '@node-rs/argon2': ['lib/io/system/lazy-packages.ts'],
  re2js: ['lib/io/system/lazy-packages.ts'],
  tweetnacl: ['lib/io/system/lazy-packages.ts'],
};

/** Loaded when somebody asks for them: fixed imports of them, by what every server loads, would undo that. */
const onlyWhenAsked: Readonly<Record<string, readonly string[]>> = {
  fastify: ['lib/io/http/app.ts', 'lib/io/http/local-app.ts'],
  ws: ['lib/io/net/websocket.ts'],
  'better-sqlite3': [],
  // Its index is twice as much as a command needs: cli/oclif.ts has the parts.
  '@oclif/core': ['lib/cli/help.ts'],
};

interface Import {
  from: string;
  /** A file below src, or a package. */
  to: string;
  isFile: boolean;
  /** Types leave no trace at run time. */
  isType: boolean;
  /** By a call, when it is needed. */
  isLater: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => name.replaceAll(path.sep, '/'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found: Import[] = [];
  const pattern =
    /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gms;
  for (const [, type, fixed, dynamic] of text.matchAll(pattern)) {
    const to = (fixed ?? dynamic)!;
    const isFile = to.startsWith('.');
    found.push({
      from: file,
      to: isFile ? sourceOf(path.posix.join(path.posix.dirname(file), to)) : to,
      isFile,
      isType: type !== undefined,
      isLater: dynamic !== undefined,
    });
  }
  return found;
}

/** `x.js` is what `x.ts` or `x.tsx` becomes. */
function sourceOf(file: string): string {
  const source = file.replace(/\.js$/, '.ts');
  return existsSync(path.join(root, `${source}x`)) ? `${source}x` : source;
}

function isBelow(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`);
}

/** The most specific layer: a file named for itself wins over its folder. */
function layerOf(file: string): number {
  let best = -1;
  let length = -1;
  layers.forEach((places, index) => {
    for (const place of places) {
      if (isBelow(file, place) && place.length > length) {
        best = index;
        length = place.length;
      }
    }
  });
  return best;
}

const files = filesBelow(root);
const imports = files.flatMap(importsOf);

test('every file has a layer', (t) => {
  t.deepEqual(
    files.filter((file) => layerOf(file) < 0),
    [],
  );
});

test('imports point down', (t) => {
  const wrong = imports.filter(({ from, to, isFile }) => isFile && layerOf(to) > layerOf(from));
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('the app has types of the server, and packages of its own that nothing else has', (t) => {
  const packages = /^(preact|@preact\/signals|uqr)(\/|$)/;
  const wrong = imports.filter(({ from, to, isFile, isType }) => {
    if (isBelow(from, 'web')) return isFile ? !isBelow(to, 'web') && !isType : !packages.test(to);
    return packages.test(to) || isBelow(to, 'web');
  });
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('the core imports only itself and node:buffer', (t) => {
  const wrong = imports.filter(
    ({ from, to, isFile }) =>
      isBelow(from, 'lib/core') && (isFile ? !isBelow(to, 'lib/core') : to !== 'node:buffer'),
  );
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('adapters stand alone', (t) => {
  const folderOf = (file: string, place: string) => file.slice(place.length + 1).split('/')[0];
  const wrong = imports.filter(
    ({ from, to, isFile }) =>
      isFile &&
      apart.some(
        (place) =>
          isBelow(from, place) &&
          isBelow(to, place) &&
          folderOf(from, place) !== folderOf(to, place) &&
          layerOf(from) === layerOf(to),
      ),
  );
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('each of these packages has one home', (t) => {
  const wrong = imports.filter(
    ({ from, to, isFile, isType }) =>
      !isFile && !isType && homes[to] !== undefined && !homes[to].some((place) => isBelow(from, place)),
  );
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('a plain server loads none of the large packages', (t) => {
  const links = linksOf(imports.filter(({ isFile, isType, isLater }) => isFile && !isType && !isLater));
  const reached = new Set(['commands/serve.ts']);
  for (const file of reached) for (const next of links.get(file) ?? []) reached.add(next);
  const wrong = imports.filter(
    ({ from, to, isFile, isType, isLater }) =>
      reached.has(from) && !isFile && !isType && !isLater && to in onlyWhenAsked,
  );
  t.true(reached.has('lib/server/start.ts'));
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

test('large packages are imported where they are known to be', (t) => {
  const wrong = imports.filter(
    ({ from, to, isFile, isType }) => !isFile && !isType && onlyWhenAsked[to]?.includes(from) === false,
  );
  t.deepEqual(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  );
});

/** Calls that open or make something by its path, or make folders without end. */
const byPath =
  /\b(?:readFile|readFileSync|openSync|createReadStream|mkdir|mkdirSync|copyFile|copyFileSync|cp|cpSync|opendir)\(|\bpromises\.open\(/;

/** Where it is known what the path names. */
const opensByPath: Readonly<Record<string, string>> = {
  'lib/io/system/version.ts': 'our own package.json',
  'lib/io/system/descriptors.ts': 'what the system says of this process',
  'lib/io/system/load-in-turn.ts': 'the same, and our own code',
  'lib/io/system/patterns.ts': 'what the system says of this thread',
  'lib/io/disk/session-files.ts': 'a folder, to force its names to the disk',
};

test('files are opened and folders made by path in io/files only', (t) => {
  const wrong = files
    .filter((file) => !isBelow(file, 'lib/io/files') && opensByPath[file] === undefined)
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .map((text, index) => ({ text, place: `${file}:${index + 1}` })),
    )
    .filter(
      ({ text }) => byPath.test(text) && !/\bhandle\.createReadStream\(|\.createReadStream\(\)/.test(text),
    )
    .map(({ place }) => place);
  t.deepEqual(wrong, []);
});

/** Files of which each reaches each other by its imports; more than one file is a circle. Tarjan's way. */
function circlesAmong(links: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const lower = (file: string, index: number) => lowest.set(file, Math.min(lowest.get(file)!, index));
  const visit = (file: string) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const other of links.get(file) ?? []) {
      if (!order.has(other)) {
        visit(other);
        lower(file, lowest.get(other)!);
      } else if (open.includes(other)) {
        lower(file, order.get(other)!);
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const file of links.keys()) if (!order.has(file)) visit(file);
  return circles;
}

function linksOf(chosen: readonly Import[]): Map<string, string[]> {
  const links = new Map<string, string[]>();
  for (const { from, to } of chosen) links.set(from, [...(links.get(from) ?? []), to]);
  return links;
}

test('circles are found', (t) => {
  const links = { a: ['b', 'x'], b: ['c'], c: ['a'], x: ['y'], y: ['z'], z: [], p: ['q'], q: ['p', 'a'] };
  t.deepEqual(
    circlesAmong(new Map(Object.entries(links))).sort((a, b) => b.length - a.length),
    [
      ['a', 'b', 'c'],
      ['p', 'q'],
    ],
  );
});

/**
 * Programming errors (a caller broke a rule that no input can break) are TypeError and RangeError. Where a plain Error is made,
 * it is one too, or a reason
 * that ends up in an error with a code or in the log.
 */
const withoutCode: Readonly<Record<string, string>> = {
  'lib/core/canvas/wasm/assembler.ts': 'programming error: a kernel that is not there',
  'lib/core/canvas/wasm/machine.ts': 'programming error: too small a memory',
  'lib/io/acme/reachability.ts': 'reason why a port does not answer, for the log',
  'lib/io/canvas/gif.ts': 'programming error: another version of a package',
  'lib/io/disk/append-file.ts': 'reason of the trouble of a history, for the log',
  'lib/io/disk/disk.ts': 'reason of the trouble of a history, for the log',
  'lib/io/disk/history-file.ts': 'programming errors: calls out of order; reason of the trouble, for the log',
  'lib/io/disk/history-move.ts': 'programming error: an event that the state does not know',
  'lib/io/disk/history-writer.ts': 'programming error: an event that the state does not know',
  'lib/io/disk/journal-writer.ts': 'reason of the trouble of a journal, for the log',
  'lib/io/disk/session-files.ts': 'reason of the trouble of a session, for the log',
  'lib/io/disk/template-folder.ts': 'reason why a template is not used, for the log',
  'lib/io/http/app.ts': 'reason of a body that cannot be read',
  'lib/io/net/tcp.ts': 'reason of a closed connection',
  'lib/io/outside/admin-http.ts': 'reason why a server cannot be reached',
  'lib/io/outside/name-lookup.ts': 'reason why a name was not found, in a finding of dp doctor',
  'lib/io/system/notify.ts': 'reason why systemd is not told, for the log',
  'lib/io/system/version.ts': 'programming error: a copy of dp that is not complete',
};

test('errors that people are told are made of the catalogue', (t) => {
  const own = /\bnew (?:Refusal|Fault)\(/;
  const plain = /\bnew Error\(/;
  const wrong: string[] = [];
  const excused = new Set<string>();
  for (const file of files) {
    if (file === 'lib/core/errors.ts' || isBelow(file, 'web')) continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    if (own.test(text)) wrong.push(`${file}: use refusal() or fault() of core/errors.ts`);
    if (!plain.test(text)) continue;
    if (withoutCode[file] === undefined) wrong.push(`${file}: give the error a row in core/errors/`);
    else excused.add(file);
  }
  t.deepEqual(wrong, []);
  t.deepEqual(
    Object.keys(withoutCode).filter((file) => !excused.has(file)),
    [],
    'excused in vain',
  );
});

/** What routes of the original know of the inside: tables and their types. All else they are told by operations. */
const originalKnows =
  /^lib\/(?:core\/(?!session|peer|login)|core\/session\/(?:invites|log-topics|needs)\.|admin\/(?:admin|admin-chat|ban-shapes|live|needs|operation|operations|settings|users)\.|io\/http\/original\/|core\/login\/needs\.)/;

test('the API of the original reaches sessions, people and stored data through operations only', (t) => {
  const inside = imports.filter(({ from, isFile }) => isFile && from.startsWith('lib/io/http/original/'));
  t.true(inside.length > 20);
  t.deepEqual(
    inside.filter(({ to }) => !originalKnows.test(to)).map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
  const acting = readdirSync(path.join(root, 'lib/io/http/original')).filter((name) =>
    /\bstores\.|\.directory\b|\.peers\b|\blive\.(?!js)/.test(
      readFileSync(path.join(root, 'lib/io/http/original', name), 'utf8'),
    ),
  );
  t.deepEqual(acting, []);
});

test('nothing imports in a circle', (t) => {
  t.deepEqual(circlesAmong(linksOf(imports.filter(({ isFile, isType }) => isFile && !isType))), []);
});

/**
 * What needs something of a file above it says so in an interface of its own (`needs.ts`, `…Session`), or is given it. There
 * is no list of exceptions: nothing has needed one.
 */
test('not even types are imported in a circle', (t) => {
  t.deepEqual(circlesAmong(linksOf(imports.filter(({ isFile }) => isFile))), []);
});

const linesAtMost = 400;

/** What is longer, and why it is better in one piece. */
const longFiles: Readonly<Record<string, string>> = {
  'lib/core/protocol/message-table.ts': 'a table: one row for each message',
  'lib/core/settings/session-settings.ts': 'a table: one row for each setting of a session',
  'lib/core/errors/reasons.ts': 'a table: one row for each reason',
  'lib/core/session/needs.ts':
    'interfaces only: everything that a session needs from outside, read in one go',
  'lib/core/login/login.ts': 'what a successor of the process needs of it is private to it',
  'lib/core/peer/peer.ts': 'what a successor of the process needs of it is private to it',
  'lib/core/session/directory.ts': 'what a successor of the process needs of it is private to it',
  'lib/core/session/streamed-reset.ts': 'what a successor of the process needs of it is private to it',
  'lib/io/disk/history-file.ts': 'what a successor of the process needs of it is private to it',
  'lib/io/disk/journal-writer.ts': 'what a successor of the process needs of it is private to it',
  'lib/io/net/web-listener.ts': 'what a successor of the process needs of it is private to it',
  'web/texts/en.ts': 'a table: one row for each text of the app',
  'web/texts/de.ts': 'a table: one row for each text of the app',
};

test('a file of more than 400 lines has a reason', (t) => {
  const long = files.filter(
    (file) => readFileSync(path.join(root, file), 'utf8').split('\n').length - 1 > linesAtMost,
  );
  t.deepEqual(
    long.filter((file) => longFiles[file] === undefined),
    [],
    'split these by concept, or give the reason',
  );
  t.deepEqual(
    Object.keys(longFiles).filter((file) => !long.includes(file)),
    [],
    'these are not that long any more: take them off the list',
  );
});

// ---- state and surroundings --------------------------------------------------------------------------------

interface Line {
  file: string;
  text: string;
  place: string;
}

/** Lines of code, without comments that have a line of their own. */
function linesOf(file: string): Line[] {
  return readFileSync(path.join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ file, text, place: `${file}:${index + 1}` }))
    .filter(({ text }) => !/^\s*(?:\/\/|\/?\*)/.test(text));
}

/** Of the program; a page in a browser is one process, and has the browser's clock. */
const lines = files.filter((file) => !isBelow(file, 'web')).flatMap(linesOf);

/**
 * What a module may change or hold at its top level, outside of any object: a variable, a collection that is not said
 * to be read only, an empty list or object to be filled, an object of a class of ours.
 */
const moduleState = [
  /^(?:export )?(?:let|var) /,
  /^(?:export )?const \w+(?:: (?!Readonly)[^=]+?)? = new (?:Map|Set|WeakMap|WeakSet)\b(?!.*\breadonly\b)/,
  /^(?:export )?const \w+(?:: (?!readonly|Readonly)[^=]+?)? = (?:\[\]|\{\});/,
  /^(?:export )?const \w+(?:: [^=]+?)? = new (?!Map|Set|Weak|RegExp|DataView|ArrayBuffer|\w+Array\b|Array\b)[A-Z]\w*/,
];

/** Where that is meant: of these there is one in a process or thread, whatever runs in it. */
const oneInAProcess: Readonly<Record<string, string>> = {
  'lib/cli/interruption.ts': 'what is to be done when a signal ends the process',
  'lib/io/disk/atomic-output.ts': 'half-written files that an ended process must not leave',
  'lib/io/sqlite/library.ts': 'a library, loaded when it is needed',
  'lib/io/canvas/packed-pictures.ts': 'libraries, loaded when they are needed',
  'lib/io/canvas/codecs.ts': 'a library, loaded when it is needed',
  'lib/io/canvas/canvas-worker.ts': 'the program of a thread of its own',
  'lib/io/system/clock.ts': 'the clock of the machine',
  'lib/io/http/graphical-app.ts': 'files of this program, read once',
  'lib/io/outside/private-networks.ts': 'tables, filled where they stand',
  'lib/core/protocol/message-row.ts': 'scratch memory, used within one call',
  'lib/core/canvas/stamps/classic.ts':
    'memory for brush stamps that were made, which give the same pixels again',
  'lib/core/canvas/stamps/stamp.ts': 'the same',
  'lib/core/canvas/stamps/pixel.ts': 'the same',
  'lib/core/canvas/stamps/mypaint.ts': 'the same',
  'lib/core/canvas/wasm/machine.ts': 'the instance of the WebAssembly module',
  'lib/core/canvas/tile-memory.ts': 'the memory of that instance',
  'lib/core/canvas/blend/pixel-functions.ts': 'a table, made when it is needed',
};

test('no module has a state of its own', (t) => {
  const found = lines.filter(({ text }) => moduleState.some((pattern) => pattern.test(text)));
  t.deepEqual(
    found
      .filter(({ file }) => oneInAProcess[file] === undefined)
      .map(({ place, text }) => `${place} ${text}`),
    [],
  );
  t.deepEqual(
    Object.keys(oneInAProcess).filter((name) => !found.some(({ file }) => file === name)),
    [],
    'these have none any more',
  );
});

/** Time, chance and the environment, past the interfaces for them. */
const surroundings =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b|\bset(?:Timeout|Interval|Immediate)\(|\btimers\/promises\b|\bMath\.random\b|\bprocess\.env\b/;

/** Adapters are made for that; a command has its terminal, everything else a clock that it is given. */
const meetsSurroundings: Readonly<Record<string, string>> = {
  'lib/io': 'adapters',
  'lib/cli/terminal.ts': 'the terminal of this process',
  'lib/cli/screen.ts': 'a screen that is drawn again after a while, while somebody looks at it',
  'commands/gui.ts': 'a server that was started needs a while',
  'commands/log/index.ts': 'the same for lines',
  'lib/cli/event-reconnection.ts': 'waits before it connects again',
  'commands/audit/index.ts': 'the same for lines of the audit trail',
  'lib/server/start.ts': 'a stop comes to its end, also where a clock stands still',
};

test('time, chance and the environment come through the interfaces for them', (t) => {
  const found = lines.filter(({ text }) => surroundings.test(text));
  const isMeant = (file: string) => Object.keys(meetsSurroundings).some((place) => isBelow(file, place));
  t.deepEqual(
    found.filter(({ file }) => !isMeant(file)).map(({ place, text }) => `${place} ${text.trim()}`),
    [],
  );
  t.deepEqual(
    Object.keys(meetsSurroundings).filter((place) => !found.some(({ file }) => isBelow(file, place))),
    [],
    'these do not any more',
  );
});

/** What Playwright reads of an element or a page at once, without waiting until it is so. */
const readAtOnce =
  /\.(?:count|isDisabled|isEnabled|isVisible|isHidden|isChecked|inputValue|textContent|innerText|allInnerTexts|allTextContents|title)\(\)/;

/** Tests of pages that no script draws: all is there once they are loaded. */
const drawnOnce: readonly string[] = [
  'test/lib/io/http/browser.test.ts',
  'test/lib/io/http/public-page-browser.test.ts',
];

test('tests read a page where it is waited for (helpers/shown.ts)', (t) => {
  const drives = /from '(?:playwright-core|(?:\.\.\/)+helpers\/(?:app-page|chromium)\.js)'/;
  const wrong = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((name) => path.join('test', name))
    .filter((name) => name.endsWith('.ts') && name !== 'test/helpers/shown.ts' && !drawnOnce.includes(name))
    .flatMap((name) => {
      const text = readFileSync(name, 'utf8');
      const reads = drives.test(text) ? text.split('\n').filter((line) => readAtOnce.test(line)) : [];
      return reads.map((line) => `${name}: ${line.trim()}`);
    });
  t.deepEqual(wrong, []);
});
