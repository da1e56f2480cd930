// TABLE of the messages (protocol.md §7). A row: type, text name, the client version that it came with, and its fields in
// payload order; `k` is what the fields of a generation are read as. Lengths follow from the fields, `lengths` is for
// where that is not all. A message that a generation has otherwise than the newest one: its row in `otherwise`.
// To add a message: one row here, and one in the recordings of the tests.
import { argb32, bool, bytes, flags } from './fields.js';
import {
  annotationFlagsOf21,
  boolByName,
  exclusiveOf21,
  featureTiersOf21,
  layerAclFlagsOf21,
  omitted,
  omittedBool,
  omittedColor,
  opaqueColor,
  percent,
  tileOf21,
} from './fields-2.1.js';
import { type Generation, generations, type Kinds, kindsOf } from './generations.js';
import type { Kind } from './kind.js';
import { type MessageRow, message, type RowOptions, reserved } from './message-row.js';
import { i32List, u8List, u32List } from './number-fields.js';

type Layout = Readonly<Record<string, Kind>>;

interface Row {
  name: string;
  /** First client version that knows it. */
  since: string;
  fields: Layout;
  options?: RowOptions;
  /** The last generation that has it; its number is known under the other name afterwards. */
  removed?: { after: Generation; name: string };
}

const old = '2.1';

/** The newest layouts, with the kinds of one generation. */
function rows(k: Kinds): Readonly<Record<number, Row>> {
  const { u8, u16, u32, i32, layer, id } = k;
  const is23 = k.generation === '4.25';
  const from23 = (fields: Layout): Layout => (is23 ? fields : {});
  const rect = { x: u32, y: u32, w: u32, h: u32 };
  const bounds = { bx: i32, by: i32, bw: i32, bh: i32 };
  const corners = { x1: i32, y1: i32, x2: i32, y2: i32, x3: i32, y3: i32, x4: i32, y4: i32 };
  const shape = { id, x: i32, y: i32, w: u16, h: u16 };
  const stroke = {
    ...from23({ flags: u8 }),
    layer,
    x: k.quarters,
    y: k.quarters,
    color: argb32,
  };
  const pixelStroke = { ...stroke, x: i32, y: i32, mode: k.blend, dabs: k.pixelDabs };
  const image = { layer, mode: k.blend, ...rect, image: bytes };
  const tile = {
    ...from23({ user: u8 }),
    layer,
    sublayer: u8,
    col: u16,
    row: u16,
    repeat: u16,
    image: bytes,
  };
  const blended = from23({ blend: k.blend, opacity: u8 });
  const move = {
    layer,
    source: layer,
    sx: i32,
    sy: i32,
    tx: i32,
    ty: i32,
    w: i32,
    h: i32,
    ...blended,
    mask: bytes,
  };
  const transform = {
    layer,
    source: layer,
    ...bounds,
    ...corners,
    mode: k.choice('Nearest', 'Bilinear', 'Binary'),
    ...blended,
    mask: bytes,
  };
  const removed = (name: string) => ({ after: '4.24', name }) as const;
  return {
    0: { name: 'servercommand', since: old, fields: { msg: k.utf8 } },
    1: {
      name: 'disconnect',
      since: old,
      fields: { reason: k.choice('Error', 'Kick', 'Shutdown', 'Other'), message: k.utf8 },
    },
    2: { name: 'ping', since: old, fields: { is_pong: bool } },
    3: { name: 'keepalive', since: '2.2.1', fields: {} },
    4: { name: 'thumbnail', since: '2.3.0', fields: { data: bytes } },
    32: {
      name: 'join',
      since: old,
      fields: {
        flags: flags({ auth: 1, mod: 2, bot: 4, ...(is23 && { old: 8 }) }),
        name: k.shortUtf8,
        avatar: bytes,
      },
    },
    33: { name: 'leave', since: old, fields: {} },
    34: { name: 'sessionowner', since: old, fields: { users: u8List } },
    35: {
      name: 'chat',
      since: old,
      fields: {
        tflags: flags({ bypass: 1 }),
        oflags: flags({ shout: 1, action: 2, pin: 4, alert: 8, ...(is23 && { roll: 16 }) }),
        message: k.utf8,
      },
    },
    36: { name: 'trusted', since: old, fields: { users: u8List } },
    37: { name: 'softreset', since: old, fields: {} },
    38: { name: 'privatechat', since: old, fields: { target: u8, oflags: u8, message: k.utf8 } },
    39: { name: 'resetstream', since: '2.2.2', fields: { data: bytes } },
    64: { name: 'interval', since: old, fields: { msecs: u16 } },
    65: { name: 'lasertrail', since: old, fields: { color: argb32, persistence: u8 } },
    66: { name: 'movepointer', since: old, fields: { x: i32, y: i32 } },
    67: { name: 'marker', since: old, fields: { text: k.utf8 }, removed: removed('removedmarker') },
    68: { name: 'useracl', since: old, fields: { users: u8List } },
    69: { name: 'layeracl', since: old, fields: { id: k.shownLayer, flags: u8, exclusive: u8List } },
    70: {
      name: 'featureaccess',
      since: old,
      fields: { feature_tiers: u8List },
      options: { lengths: { min: 1 } },
    },
    71: { name: 'defaultlayer', since: old, fields: { id: layer } },
    72: { name: 'filtered', since: old, fields: { message: bytes }, removed: removed('removedfiltered') },
    74: { name: 'undodepth', since: '2.2.0', fields: { depth: u8 } },
    75: {
      name: 'data',
      since: '2.2.0',
      fields: { type: k.choice('UserInfo'), recipient: u8, body: bytes },
    },
    76: {
      name: 'localchange',
      since: '2.2.0',
      fields: {
        type: k.choice(
          'LayerVisibility',
          'BackgroundTile',
          'ViewMode',
          'ActiveLayer',
          'ActiveFrame',
          'OnionSkins',
          'TrackVisibility',
          'TrackOnionSkin',
          'LayerSketch',
          'LayerAlphaLock',
          'LayerCensored',
          'TrackMoveLock',
        ),
        body: bytes,
      },
    },
    77: {
      name: 'featurelimits',
      since: '2.3.0',
      fields: { limits: i32List },
      options: { lengths: { min: 16, max: 1020 } },
    },
    128: { name: 'undopoint', since: old, fields: {} },
    129: { name: 'resize', since: old, fields: { top: i32, right: i32, bottom: i32, left: i32 } },
    130: {
      name: 'newlayer',
      since: old,
      fields: { id: layer, source: layer, fill: argb32, flags: flags({ copy: 1, insert: 2 }), title: k.utf8 },
      removed: removed('removedlayercreate'),
    },
    131: {
      name: 'layerattr',
      since: old,
      fields: {
        id: layer,
        sublayer: u8,
        flags: flags({ censor: 1, fixed: 2, isolated: 4, ...(is23 && { clip: 8 }) }),
        opacity: u8,
        blend: k.blend,
      },
    },
    132: { name: 'retitlelayer', since: old, fields: { id: layer, title: k.utf8 } },
    133: {
      name: 'layerorder',
      since: old,
      fields: { layers: k.layers },
      removed: removed('removedlayerorder'),
    },
    134: {
      name: 'deletelayer',
      since: old,
      fields: { id: layer, merge: bool },
      removed: removed('removedlayerdelete'),
    },
    135: {
      name: 'layervisibility',
      since: old,
      fields: { id: k.shownLayer, visible: bool },
      removed: removed('removedlayervisibility'),
    },
    136: { name: 'putimage', since: old, fields: image },
    137: { name: 'fillrect', since: old, fields: { layer, mode: k.blend, ...rect, color: argb32 } },
    140: { name: 'penup', since: old, fields: from23({ layer }) },
    141: { name: 'newannotation', since: old, fields: shape },
    142: { name: 'reshapeannotation', since: old, fields: shape },
    143: {
      name: 'editannotation',
      since: old,
      fields: {
        id,
        bg: argb32,
        flags: flags({
          protect: 1,
          valign_center: 2,
          valign_bottom: 4,
          ...(is23 && { alias: 8, rasterize: 16 }),
        }),
        border: u8,
        text: k.utf8,
      },
    },
    144: { name: 'deleteannotation', since: old, fields: { id } },
    145: {
      name: 'moveregion',
      since: old,
      fields: { layer, ...bounds, ...corners, mask: bytes },
      removed: removed('removedmoveregion'),
    },
    146: { name: 'puttile', since: old, fields: tile },
    147: { name: 'background', since: old, fields: { image: bytes } },
    148: { name: 'classicdabs', since: old, fields: { ...stroke, mode: k.blend, dabs: k.softDabs } },
    149: { name: 'pixeldabs', since: old, fields: pixelStroke },
    150: { name: 'squarepixeldabs', since: old, fields: pixelStroke },
    151: {
      name: 'mypaintdabs',
      since: '2.2.0',
      fields: { ...stroke, lock_alpha: u8, colorize: u8, posterize: u8, mode: u8, dabs: k.paintDabs },
    },
    152: {
      name: 'mypaintdabsblend',
      since: '2.3.0',
      fields: { ...stroke, mode: k.blend, dabs: k.paintDabs },
    },
    160: { name: 'moverect', since: '2.2.0', fields: move },
    161: {
      name: 'setmetadataint',
      since: '2.2.0',
      fields: {
        field: k.choice(
          'Dpix',
          'Dpiy',
          'Framerate',
          'FrameCount',
          'FramerateFraction',
          'FrameRangeFirst',
          'FrameRangeLast',
          'OffsetX',
          'OffsetY',
        ),
        value: i32,
      },
    },
    162: {
      name: 'layertreecreate',
      since: '2.2.0',
      fields: {
        id: layer,
        source: layer,
        target: layer,
        fill: argb32,
        flags: flags({ group: 1, into: 2 }),
        title: k.utf8,
      },
    },
    163: { name: 'layertreemove', since: '2.2.0', fields: { layer, parent: layer, sibling: layer } },
    164: { name: 'layertreedelete', since: '2.2.0', fields: { id: layer, merge_to: layer } },
    165: { name: 'transformregion', since: '2.2.0', fields: transform },
    166: { name: 'trackcreate', since: '2.2.0', fields: { id, insert_id: id, source_id: id, title: k.utf8 } },
    167: { name: 'trackretitle', since: '2.2.0', fields: { id, title: k.utf8 } },
    168: { name: 'trackdelete', since: '2.2.0', fields: { id } },
    169: { name: 'trackorder', since: '2.2.0', fields: { tracks: k.ids } },
    170: {
      name: 'keyframeset',
      since: '2.2.0',
      fields: {
        track_id: id,
        frame_index: u16,
        source_id: layer,
        source_index: u16,
        source: k.choice('Layer', 'KeyFrame'),
      },
    },
    171: {
      name: 'keyframeretitle',
      since: '2.2.0',
      fields: { track_id: id, frame_index: u16, title: k.utf8 },
    },
    172: {
      name: 'keyframelayerattributes',
      since: '2.2.0',
      fields: {
        track_id: id,
        frame_index: u16,
        ...(is23 ? { layer_flags: u32List } : { layers: k.layers }),
      },
    },
    173: {
      name: 'keyframedelete',
      since: '2.2.0',
      fields: { track_id: id, frame_index: u16, move_track_id: id, move_frame_index: u16 },
    },
    174: {
      name: 'selectionput',
      since: '2.2.2',
      fields: {
        selection_id: k.byteId,
        op: k.choice('Replace', 'Unite', 'Intersect', 'Exclude', 'Complement'),
        x: i32,
        y: i32,
        w: k.extent,
        h: k.extent,
        mask: bytes,
      },
    },
    175: { name: 'selectionclear', since: '2.2.2', fields: { selection_id: k.byteId } },
    176: { name: 'localmatch', since: '2.2.2', fields: { type: k.byteId, data: bytes } },
    177: {
      name: 'syncselectiontile',
      since: '2.3.0',
      fields: { user: u8, selection_id: u8, col: u16, row: u16, mask: bytes },
    },
    178: { name: 'putimagezstd', since: '2.3.0', fields: image },
    179: { name: 'puttilezstd', since: '2.3.0', fields: tile },
    180: { name: 'canvasbackgroundzstd', since: '2.3.0', fields: { image: bytes } },
    181: { name: 'moverectzstd', since: '2.3.0', fields: move },
    182: { name: 'transformregionzstd', since: '2.3.0', fields: transform },
    255: { name: 'undo', since: old, fields: { override_user: u8, redo: bool } },
  };
}

/** Numbers that are known and under which nothing may be sent: their name, and the one in the newest generation. */
const unused: Readonly<Record<number, readonly [name: string, newest?: string]>> = {
  31: ['internal'],
  73: ['extension'],
  138: ['toolchange', 'removedtoolchange'],
  139: ['penmove', 'removedpenmove'],
};

/** What is not as in the newest generation: another name, kinds of single fields (in their places), text keys, lengths. */
interface Difference extends RowOptions {
  name?: string;
  fields?: Layout;
  /** Fields that have another name there. */
  renamed?: Readonly<Record<string, string>>;
}

const oneKey = { tflags: 'flags', oflags: 'flags' };

const otherwise: Readonly<Partial<Record<Generation, Readonly<Record<number, Difference>>>>> = {
  // The text form of 2.1: other names, what is zero left out, several keys for one field (formats.md §3).
  '4.21': {
    0: { name: 'command' },
    2: { fields: { is_pong: boolByName }, trueName: { field: 'is_pong', name: 'pong' } },
    32: { fields: { flags: flags({ mod: 2, auth: 1 }) }, lengths: { min: 3 } },
    34: { name: 'owner' },
    35: { fields: { oflags: flags({ shout: 1, action: 2, pin: 4 }) }, keys: oneKey, lengths: { min: 3 } },
    38: { name: 'pm', fields: { oflags: flags({ action: 2 }) }, keys: oneKey, lengths: { min: 3 } },
    65: { name: 'laser', fields: { color: opaqueColor } },
    69: { fields: { flags: layerAclFlagsOf21, exclusive: exclusiveOf21 } },
    70: {
      fields: { feature_tiers: featureTiersOf21 },
      renamed: { feature_tiers: 'tiers' },
      lengths: { min: 9, max: 9 },
    },
    72: { lengths: { min: 1 } },
    129: { fields: { top: omitted.i32, right: omitted.i32, bottom: omitted.i32, left: omitted.i32 } },
    130: { fields: { source: omitted.hex16, fill: omittedColor } },
    131: {
      fields: {
        sublayer: omitted.u8,
        flags: flags({ censor: 1, fixed: 2 }),
        opacity: percent,
        blend: kindsOf['4.21'].u8,
      },
      keys: { id: 'layer' },
    },
    134: { fields: { merge: omittedBool } },
    136: { keys: { image: 'img' } },
    137: { keys: { mode: 'blend' } },
    143: { fields: { bg: omittedColor, flags: annotationFlagsOf21, border: omitted.u8 } },
    146: { fields: { sublayer: omitted.u8, repeat: omitted.u16, image: tileOf21 } },
    147: { fields: { image: tileOf21 } },
    255: {
      fields: { override_user: omitted.u8, redo: boolByName },
      keys: { override_user: 'override' },
      trueName: { field: 'redo', name: 'redo' },
    },
  },
};

/** The generation that a client version speaks. */
function generationOfClient(version: string): Generation {
  if (version.startsWith('2.3')) return '4.25';
  return version.startsWith('2.2') ? '4.24' : '4.21';
}

const age = (generation: Generation): number => generations.indexOf(generation);

function rowIn(generation: Generation, id: number, row: Row): MessageRow | undefined {
  if (age(generation) < age(generationOfClient(row.since))) return undefined;
  if (row.removed && age(generation) > age(row.removed.after)) return reserved(id, row.removed.name);
  const { name = row.name, fields = {}, renamed = {}, ...options } = otherwise[generation]?.[id] ?? {};
  const kinds = Object.entries({ ...row.fields, ...fields }).map(
    ([field, kind]) => [renamed[field] ?? field, kind] as const,
  );
  return message(id, name, row.since, Object.fromEntries(kinds), { ...row.options, ...options });
}

/** Every message of a generation, by number. */
export function messagesOf(generation: Generation): readonly MessageRow[] {
  const found: MessageRow[] = [];
  for (const [id, row] of Object.entries(rows(kindsOf[generation]))) {
    const made = rowIn(generation, Number(id), row);
    if (made) found.push(made);
  }
  for (const [id, [name, newest = name]] of Object.entries(unused)) {
    found.push(reserved(Number(id), generation === generations.at(-1) ? newest : name));
  }
  return found.sort((a, b) => a.id - b.id);
}
