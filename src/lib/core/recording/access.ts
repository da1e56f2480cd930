// What people may do: follows a recording as clients do and tells which of its messages they would ignore
// (cli.md §5, --acl). Clients enforce this, servers do not; the rules of 2.1 differ a little from the later ones.

import { ProtocolError } from '../errors.js';
import type { Fields } from '../protocol/kind.js';
import {
  decodePayload,
  type Generation,
  type MessageRow,
  type MessageTable,
  messageTables,
} from '../protocol/messages.js';

const tiers = { operator: 0, trusted: 1, authenticated: 2, guest: 3 } as const;
const { operator, guest } = tiers;

/** Places in the list of a feature access message (protocol.md §6). */
const features = {
  putImage: 0,
  regionMove: 1,
  resize: 2,
  background: 3,
  editLayers: 4,
  ownLayers: 5,
  createAnnotation: 6,
  laser: 7,
  undo: 8,
  slowBrush: 9,
  timeline: 10,
  mypaint: 11,
} as const;

type Feature = keyof typeof features;

/** Who may use which feature in a session where nobody has said anything about it. */
export const usualTiers: readonly number[] = [3, 3, 0, 0, 0, 3, 3, 3, 3, 0, 3, 3];

/** Per tier: the largest brush in pixels and the number of own layers; -1: any. */
const usualLimits = [
  [-1, 255, 255, 255],
  [-1, 1000, 1000, 1000],
] as const;

interface LayerAccess {
  isLocked: boolean;
  isMoveLocked: boolean;
  arePropertiesLocked: boolean;
  tier: number;
  /** Empty: everyone. */
  exclusive: readonly number[];
}

/** A person who wants something. */
interface Wish {
  row: MessageRow;
  user: number;
  tier: number;
  fields: Fields;
}

type Rule = (wish: Wish) => boolean;

export class AccessFilter {
  readonly #table: MessageTable;
  readonly #isOf21: boolean;
  readonly #idOwner: (id: number) => number;
  /** Playing a recording begins with user 1 as the only operator (cli.md §5). */
  #operators: ReadonlySet<number> = new Set([1]);
  #trusted: ReadonlySet<number> = new Set();
  readonly #authenticated = new Set<number>();
  #lockedUsers: ReadonlySet<number> = new Set();
  #isCanvasLocked = false;
  readonly #layers = new Map<number, LayerAccess>();
  readonly #protectedAnnotations = new Set<number>();
  #tiers = [...usualTiers];
  #limits: number[][] = usualLimits.map((limits) => [...limits]);
  readonly #rules: Readonly<Record<number, Rule>>;

  constructor(generation: Generation) {
    this.#table = messageTables[generation];
    this.#isOf21 = generation === '4.21';
    this.#idOwner = generation === '4.25' ? (id) => id & 0xff : (id) => id >> 8;
    this.#rules = { ...this.#commonRules(), ...(this.#isOf21 ? this.#rulesOf21() : this.#rulesSince22()) };
  }

  /** Whether clients would take this message. Each message is to be shown once, in order. */
  allows(type: number, user: number, payload: Uint8Array): boolean {
    const row = this.#table.row(type);
    if (!row || row.isReserved) return true;
    if (row.class === 'command' && (this.#isCanvasLocked || (user !== 0 && this.#lockedUsers.has(user)))) {
      return false;
    }
    const rule = this.#rules[type];
    if (!rule) return true;
    try {
      return rule({ row, user, tier: this.#tierOf(user), fields: decodePayload(row, payload) });
    } catch (error) {
      // what can't be understood is no affair of access
      if (error instanceof ProtocolError) return true;
      throw error;
    }
  }

  #tierOf(user: number): number {
    // the server itself may do anything; 2.1 knew no such exception
    if (this.#operators.has(user) || (user === 0 && !this.#isOf21)) return operator;
    if (this.#trusted.has(user)) return tiers.trusted;
    return this.#authenticated.has(user) ? tiers.authenticated : guest;
  }

  #mayUse(feature: Feature, tier: number): boolean {
    return tier <= (this.#tiers[features[feature]] ?? guest);
  }

  #mayEditLayer(layer: number, { user, tier }: Wish): boolean {
    return (
      this.#mayUse('editLayers', tier) || (this.#mayUse('ownLayers', tier) && this.#idOwner(layer) === user)
    );
  }

  #isLocked(layer: number, { user, tier }: Wish): boolean {
    const access = this.#layers.get(layer);
    if (!access) return false;
    const { isLocked, exclusive } = access;
    if (isLocked) return true;
    const isIncluded = exclusive.length === 0 || exclusive.includes(user);
    // in 2.1 a list of users overrules the tier
    if (this.#isOf21 && exclusive.length > 0) return !isIncluded;
    return !isIncluded || tier > access.tier;
  }

  /** What happens in the same way in every generation. */
  #commonRules(): Record<number, Rule> {
    const operatorsOnly: Rule = ({ tier }) => tier === operator;
    const needs =
      (feature: Feature): Rule =>
      ({ tier }) =>
        this.#mayUse(feature, tier);
    return {
      32: ({ user, fields }) => {
        if ((fields.flags as number) & 1) this.#authenticated.add(user);
        return true;
      },
      33: ({ user }) => {
        this.#operators = without(this.#operators, user);
        this.#trusted = without(this.#trusted, user);
        this.#lockedUsers = without(this.#lockedUsers, user);
        this.#authenticated.delete(user);
        return true;
      },
      34: ({ fields }) => {
        this.#operators = new Set(fields.users as readonly number[]);
        return true;
      },
      36: ({ fields }) => {
        this.#trusted = new Set(fields.users as readonly number[]);
        return true;
      },
      65: needs('laser'),
      68: ({ tier, fields }) => {
        if (tier !== operator) return false;
        this.#lockedUsers = new Set(fields.users as readonly number[]);
        return true;
      },
      69: (wish) => this.#takeLayerAccess(wish),
      70: ({ tier, fields }) => {
        if (tier !== operator) return false;
        const given = (fields.feature_tiers ?? fields.tiers) as readonly number[];
        this.#tiers = this.#tiers.map((before, at) => {
          const now = given[at];
          return now === undefined || now === 255 ? before : Math.min(now, guest);
        });
        return true;
      },
      71: operatorsOnly,
      129: needs('resize'),
      136: (wish) => this.#mayPutImage(wish),
      137: (wish) => this.#mayPutImage(wish),
      141: ({ user, tier, fields }) =>
        this.#mayUse('createAnnotation', tier) &&
        (tier === operator || this.#idOwner(fields.id as number) === user),
      142: (wish) => this.#mayChangeAnnotation(wish),
      143: (wish) => {
        // later clients let nobody but the maker and operators edit, protected or not
        const id = wish.fields.id as number;
        const isAllowed = this.#isOf21
          ? this.#mayChangeAnnotation(wish)
          : wish.tier === operator || this.#idOwner(id) === wish.user;
        if (!isAllowed) return false;
        if ((wish.fields.flags as number) & 1) this.#protectedAnnotations.add(id);
        else this.#protectedAnnotations.delete(id);
        return true;
      },
      144: (wish) => {
        if (!this.#mayChangeAnnotation(wish)) return false;
        this.#protectedAnnotations.delete(wish.fields.id as number);
        return true;
      },
      146: operatorsOnly,
      147: needs('background'),
      148: (wish) => this.#mayDraw(wish),
      149: (wish) => this.#mayDraw(wish),
      255: needs('undo'),
    };
  }

  #rulesOf21(): Record<number, Rule> {
    const mayChangeLayer = (wish: Wish): boolean => {
      const id = wish.fields.id as number;
      // one's own layers go by one feature only, whatever the other says
      return this.#mayUse(this.#idOwner(id) === wish.user ? 'ownLayers' : 'editLayers', wish.tier);
    };
    // square dabs (150) are missing: 2.1 lets them through
    return {
      35: ({ tier, fields }) => tier === operator || ((fields.oflags as number) & 4) === 0,
      130: ({ user, tier, fields }) =>
        (tier === operator || this.#idOwner(fields.id as number) === user) &&
        (this.#mayUse('editLayers', tier) || this.#mayUse('ownLayers', tier)),
      131: (wish) => (wish.fields.sublayer === 0 || wish.tier === operator) && mayChangeLayer(wish),
      132: mayChangeLayer,
      133: ({ tier }) => this.#mayUse('editLayers', tier),
      134: (wish) => {
        if (!mayChangeLayer(wish)) return false;
        this.#layers.delete(wish.fields.id as number);
        return true;
      },
      145: (wish) =>
        this.#mayUse('regionMove', wish.tier) && !this.#isLocked(wish.fields.layer as number, wish),
      255: ({ tier, fields }) =>
        this.#mayUse('undo', tier) && (tier === operator || fields.override_user === 0),
    };
  }

  #rulesSince22(): Record<number, Rule> {
    const operatorsOnly: Rule = ({ tier }) => tier === operator;
    const timeline: Rule = ({ tier }) => this.#mayUse('timeline', tier);
    const mayChangeProperties: Rule = (wish) => {
      const id = wish.fields.id as number;
      return this.#mayEditLayer(id, wish) && this.#layers.get(id)?.arePropertiesLocked !== true;
    };
    const mayMove: Rule = (wish) =>
      this.#mayUse('regionMove', wish.tier) &&
      !this.#isLocked(wish.fields.source as number, wish) &&
      !this.#isLocked(wish.fields.layer as number, wish);
    const mayPaint: Rule = (wish) => this.#mayUse('mypaint', wish.tier) && this.#mayDraw(wish);
    const mayEditSome = (tier: number): boolean =>
      this.#mayUse('editLayers', tier) || this.#mayUse('ownLayers', tier);
    const common = this.#commonRules();
    return {
      74: operatorsOnly,
      76: ({ user }) => user === 0,
      77: ({ tier, fields }) => {
        if (tier !== operator) return false;
        for (const [at, limit] of (fields.limits as readonly number[]).entries()) {
          const limits = this.#limits[at >> 2];
          if (limits) limits[at & 3] = limit;
        }
        return true;
      },
      131: mayChangeProperties,
      132: mayChangeProperties,
      150: (wish) => this.#mayDraw(wish),
      151: mayPaint,
      152: mayPaint,
      160: mayMove,
      161: ({ tier, fields }) =>
        this.#mayUse([2, 3].includes(fields.field as number) ? 'timeline' : 'resize', tier),
      162: ({ user, tier, fields }) => {
        const id = fields.id as number;
        if (tier !== operator) {
          const limit = this.#limits[1]?.[tier] ?? -1;
          const number = this.#table.generation === '4.25' ? id >> 8 : id & 0xff;
          if (limit >= 0 && (limit === 0 || number >= limit)) return false;
          if (this.#idOwner(id) !== user) return false;
        }
        return mayEditSome(tier);
      },
      163: (wish) => {
        const id = wish.fields.layer as number;
        return this.#mayEditLayer(id, wish) && this.#layers.get(id)?.isMoveLocked !== true;
      },
      164: (wish) => {
        const id = wish.fields.id as number;
        const into = wish.fields.merge_to as number;
        if (!this.#mayEditLayer(id, wish) || (into !== 0 && this.#isLocked(into, wish))) return false;
        this.#layers.delete(id);
        return true;
      },
      165: mayMove,
      166: ({ user, tier, fields }) =>
        this.#mayUse('timeline', tier) && (tier === operator || this.#idOwner(fields.id as number) === user),
      167: timeline,
      168: timeline,
      169: timeline,
      170: timeline,
      171: timeline,
      172: timeline,
      173: timeline,
      // never sent: clients keep their selections to themselves
      174: () => false,
      175: () => false,
      177: ({ user, tier, fields }) => tier === operator || fields.user === user,
      178: common[136] as Rule,
      179: operatorsOnly,
      180: common[147] as Rule,
      181: mayMove,
      182: mayMove,
    };
  }

  #takeLayerAccess(wish: Wish): boolean {
    const { tier, fields } = wish;
    const id = fields.id as number;
    const flags = fields.flags as number;
    if (id === 0) {
      if (tier !== operator) return false;
      this.#isCanvasLocked = (flags & 0x80) !== 0;
      return true;
    }
    if (!this.#mayEditLayer(id, wish)) return false;
    this.#layers.set(id, {
      isLocked: (flags & 0x80) !== 0,
      isMoveLocked: !this.#isOf21 && (flags & 0x40) !== 0,
      arePropertiesLocked: !this.#isOf21 && (flags & 0x20) !== 0,
      tier: Math.min(flags & (this.#isOf21 ? 7 : 3), guest),
      exclusive: fields.exclusive as readonly number[],
    });
    return true;
  }

  #mayPutImage(wish: Wish): boolean {
    // 252: a selection of 2.3 that is dressed up for a 2.2 session (protocol.md §8.5)
    if (!this.#isOf21 && wish.fields.mode === 252) return true;
    return this.#mayUse('putImage', wish.tier) && !this.#isLocked(wish.fields.layer as number, wish);
  }

  #mayChangeAnnotation({ user, tier, fields }: Wish): boolean {
    const id = fields.id as number;
    return tier === operator || this.#idOwner(id) === user || !this.#protectedAnnotations.has(id);
  }

  #mayDraw(wish: Wish): boolean {
    const { fields, tier } = wish;
    if (this.#isLocked(fields.layer as number, wish)) return false;
    if (this.#table.generation !== '4.25') return true;
    if (isCostly(fields) && !this.#mayUse('slowBrush', tier)) return false;
    const limit = this.#limits[0]?.[tier] ?? -1;
    return limit < 0 || (limit > 0 && largestDabPixels(wish) <= limit);
  }
}

/** Pigment mixing: modes 43, 81 and 82, and a bit of the other MyPaint message. */
function isCostly(fields: Fields): boolean {
  if (fields.posterize !== undefined) return ((fields.flags as number) & 1) !== 0;
  return [43, 81, 82].includes(fields.mode as number);
}

/** The diameter of the largest dab, whole pixels. */
function largestDabPixels({ row, fields }: Wish): number {
  const { parts } = (row.records as NonNullable<MessageRow['records']>).kind;
  const size = parts.findIndex(({ name }) => name === 'size');
  const dabs = fields.dabs as readonly number[];
  let largest = 0;
  for (let at = size; at < dabs.length; at += parts.length) largest = Math.max(largest, dabs[at] as number);
  return Math.floor(largest / (parts[size]?.scale ?? 1));
}

function without(users: ReadonlySet<number>, user: number): ReadonlySet<number> {
  const left = new Set(users);
  left.delete(user);
  return left;
}
