// Reads a recorded conversation (.jsonl, .jsonl.gz) of any of the three recorders into one kind of rows.
// The formats are described in the READMEs of test/vectors/{login,session,real-client}.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Frame, jsonOf, viewFrame } from '../helpers/wire.js';

interface RowBase {
  /** Line in the file, from 1. */
  line: number;
  /** Milliseconds since the recording began. */
  time: number;
}

export type Row =
  | (RowBase & { kind: 'sent' | 'received'; peer: string; frame: Frame; isFiller: boolean })
  | (RowBase & { kind: 'opened'; peer: string })
  /** `by`: who closed, where the recorder says so. */
  | (RowBase & { kind: 'closed'; peer: string; by?: string })
  | (RowBase & { kind: 'event'; peer: string; text: string })
  | (RowBase & { kind: 'note'; text: string });

export interface Conversation {
  /** Path below the vectors, without its ending: `session/01-host-init`. */
  file: string;
  rows: Row[];
  /**
   * Every connection of the file by its own name: a second connection of the same client is `name@line`, one
   * that was there before the file began is just `name`.
   */
  peers: Map<string, { client: string; openedAt: number | undefined }>;
}

export interface ReadOptions {
  /** Lines that belong to another connection of the same client than the newest, where two overlap. */
  belongs?: Readonly<Record<number, string>>;
  /** Lines with the greeting of a new connection of a client whose earlier one has no closed row. */
  reopens?: readonly number[];
  /** What clients did that was not recorded, after a line. */
  unrecorded?: ReadonlyArray<{ after: number; peer: string; sends?: Buffer; closes?: true }>;
}

interface RawRow {
  meta?: unknown;
  note?: string;
  mark?: string;
  t?: number;
  conn?: string | number;
  client?: string;
  dir?: string;
  event?: string;
  ev?: string;
  by?: string;
  hex?: string;
  hexTruncated?: boolean;
  decoded?: { len?: number };
}

const fillerByte = 0x41;

/** `path`: of the file below test/vectors, with its ending. */
export function readConversation(path: string, options: ReadOptions = {}): Conversation {
  const stored = readFileSync(`test/vectors/${path}`);
  const text = (path.endsWith('.gz') ? gunzipSync(stored) : stored).toString();
  const file = path.replace(/\.jsonl(\.gz)?$/, '');
  const rows: Row[] = [];
  const peers: Conversation['peers'] = new Map();
  /** Connections of each client that are open, in the order of opening. */
  const open = new Map<string, string[]>();
  const isWebSocket = /\bs23-websocket-/.test(file);

  function addOpen(client: string, peer: string): void {
    open.set(client, [...(open.get(client) ?? []), peer]);
  }

  function isOpen(client: string): boolean {
    return (open.get(client) ?? []).length > 0;
  }

  function openPeer(client: string, line: number, time: number): string {
    const peer = `${client}@${line}`;
    peers.set(peer, { client, openedAt: line });
    addOpen(client, peer);
    rows.push({ kind: 'opened', line, time, peer });
    return peer;
  }

  function peerOf(client: string, line: number): string {
    const peer = options.belongs?.[line] ?? open.get(client)?.at(-1) ?? client;
    if (!peers.has(peer)) {
      peers.set(peer, { client, openedAt: undefined });
      addOpen(client, peer);
    }
    return peer;
  }

  for (const [index, textOfRow] of text.split('\n').entries()) {
    if (textOfRow === '') {
      continue;
    }
    const raw = JSON.parse(textOfRow) as RawRow;
    const line = index + 1;
    const time = raw.t ?? 0;
    if (raw.meta !== undefined) {
      continue;
    }
    const note = raw.note ?? raw.mark;
    if (note !== undefined) {
      rows.push({ kind: 'note', line, time, text: note });
      continue;
    }
    const client = String(raw.client ?? raw.conn);
    const happening = raw.event ?? raw.ev ?? raw.dir;
    if (happening === 'connected' || happening === 'open') {
      openPeer(client, line, time);
    } else if (happening === 'closed' || happening === 'close') {
      const isGone = !isOpen(client) && options.belongs?.[line] === undefined;
      if (isGone && [...peers.values()].some((known) => known.client === client)) {
        // A TLS connection is noted twice.
        continue;
      }
      const peer = peerOf(client, line);
      rows.push({ kind: 'closed', line, time, peer, ...(raw.by === undefined ? {} : { by: raw.by }) });
      open.set(
        client,
        (open.get(client) ?? []).filter((each) => each !== peer),
      );
    } else if (raw.hex === undefined) {
      // Over WebSocket the answer to the upgrade is the first that is recorded.
      const peer = happening?.startsWith('http-response')
        ? openPeer(client, line, time)
        : peerOf(client, line);
      rows.push({ kind: 'event', line, time, peer, text: happening ?? '' });
    } else {
      const { frame, isFiller } = frameOf(raw, isWebSocket);
      const received = raw.dir === 's2c' || raw.dir === 'recv';
      // The login recordings have no row for a connect: the greeting tells.
      const isGreeting = received && jsonOf(frame)?.type === 'login' && 'version' in jsonOf(frame)!;
      const peer =
        isGreeting && (!isOpen(client) || options.reopens?.includes(line))
          ? openPeer(client, line, time)
          : peerOf(client, line);
      rows.push({ kind: received ? 'received' : 'sent', line, time, peer, frame, isFiller });
    }
  }
  for (const [index, { after, peer, sends, closes }] of (options.unrecorded ?? []).entries()) {
    const at = rows.findLastIndex((row) => row.line === after);
    const place = { line: after + (index + 1) / 1000, time: rows[at]!.time, peer };
    if (sends !== undefined) {
      rows.splice(at + 1, 0, { kind: 'sent', ...place, frame: viewFrame(sends), isFiller: false });
    }
    if (closes) {
      rows.splice(at + 1, 0, { kind: 'closed', ...place, by: 'client' });
    }
  }
  return { file, rows, peers };
}

/** The frame of a row; shortened filler is made whole again (session/README.md). */
function frameOf(raw: RawRow, isWebSocket: boolean): { frame: Frame; isFiller: boolean } {
  let bytes = Buffer.from(raw.hex!, 'hex');
  if (isWebSocket) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length - 2);
    bytes = Buffer.concat([length, bytes]);
  }
  if (raw.hexTruncated !== true) {
    return { frame: viewFrame(bytes), isFiller: false };
  }
  const whole = Buffer.alloc(4 + raw.decoded!.len!, fillerByte);
  bytes.copy(whole, 0, 0, 4);
  return { frame: viewFrame(whole), isFiller: true };
}

/**
 * When the recording began, in milliseconds since 1970, as exactly as the time stamps of its log replies tell:
 * each is at or up to a second before its row, and those of replayed entries are older. Undefined: none.
 */
export function startTimeOf(conversation: Conversation): number | undefined {
  let start: number | undefined;
  for (const row of conversation.rows) {
    if (row.kind === 'received') {
      const stamp = jsonOf(row.frame)?.timestamp;
      if (typeof stamp === 'string') {
        const candidate = Date.parse(stamp) - row.time;
        start = start === undefined ? candidate : Math.max(start, candidate);
      }
    }
  }
  return start;
}
