// The filter that every client lets messages through, in the order of the history (canvas.md §4). What it takes out
// is nowhere on the canvas; undo does not bring its state back. Recordings are filtered by the same rules
// (core/recording/access.ts); what 2.1 did otherwise is in core/recording/access-of-21.ts.

import type { Fields } from '../protocol/kind.js';
import { type DabsMessage, firstDabs, lastDabs } from './dabs-reader.js';
import { firstRemoteSelection, isLayerId, isSelectionLayerId, ownerOf, selectionOf } from './ids.js';

/** 0 operators, 1 trusted, 2 with an account, 3 everybody. */
export type Tier = number;
export const everybody: Tier = 3;

/** Places in FeatureAccessLevels. */
export const feature = {
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
  myPaint: 11,
} as const;

/** Who may use which feature in a session where nobody has said anything about it. */
export const initialFeatures: readonly Tier[] = [3, 3, 0, 0, 0, 3, 3, 3, 3, 0, 3, 3];
/** Brush size, then number of layers, each by tier; negative: no limit. */
const initialLimits: readonly number[] = [-1, 255, 255, 255, -1, 1000, 1000, 1000];
const brushSizeLimit = 0;
const layerCountLimit = 4;

export interface LayerAccess {
  readonly isContentLocked: boolean;
  readonly isMoveLocked: boolean;
  readonly isPropsLocked: boolean;
  readonly tier: Tier;
  /** Users; undefined: all. */
  readonly exclusive: readonly number[] | undefined;
}

/** As many layers can have their own rights; more are ignored. */
const maxLayerEntries = 100_000;

class Users {
  readonly #has = new Uint8Array(256);

  has(user: number): boolean {
    return this.#has[user] === 1;
  }

  add(user: number): void {
    this.#has[user] = 1;
  }

  delete(user: number): void {
    this.#has[user] = 0;
  }

  set(users: readonly number[]): void {
    this.#has.fill(0);
    for (const user of users) this.#has[user] = 1;
  }

  list(): number[] {
    const users: number[] = [];
    for (let user = 0; user < 256; user++) if (this.has(user)) users.push(user);
    return users;
  }
}

export class Access {
  readonly operators = new Users();
  readonly trusted = new Users();
  readonly authenticated = new Users();
  readonly locked = new Users();
  isSessionLocked = false;
  readonly layers = new Map<number, LayerAccess>();
  readonly protectedAnnotations = new Set<number>();
  features: Tier[] = initialFeatures.slice();
  limits: number[] = initialLimits.slice();

  /** As the players of clients begin: everybody may do everything. */
  openToAll(): void {
    this.features.fill(everybody);
    this.operators.set(Array.from({ length: 256 }, (_, user) => user));
  }

  /** What a full reset takes away; who is who stays. */
  fullReset(): void {
    this.layers.clear();
    this.protectedAnnotations.clear();
    this.locked.set([]);
    this.isSessionLocked = false;
    this.features = initialFeatures.slice();
    this.limits = initialLimits.slice();
  }

  /** Whether dabs pass. */
  passesDabs(type: number, user: number, message: DabsMessage): boolean {
    if (this.isSessionLocked || this.locked.has(user)) return false;
    if (type > 150 && !this.#may(user, feature.myPaint)) return false;
    if (message.isPigment && !this.#may(user, feature.slowBrush)) return false;
    if (this.#isContentLocked(user, message.layer)) return false;
    const limit = this.limits[brushSizeLimit + this.tierOf(user)]!;
    return limit < 0 || (limit > 0 && message.largest <= limit);
  }

  /** Whether any other message passes; if it does, what it changes of the rights is done. */
  passes(type: number, user: number, fields: Fields): boolean {
    if (type >= firstDabs && type <= lastDabs) return false;
    if (type < 64) return this.#membership(type, user, fields);
    if (type < 128) return this.#meta(type, user, fields);
    if (this.isSessionLocked || this.locked.has(user)) return false;
    return this.#command(type, user, fields);
  }

  tierOf(user: number): Tier {
    if (user === 0 || this.operators.has(user)) return 0;
    if (this.trusted.has(user)) return 1;
    return this.authenticated.has(user) ? 2 : everybody;
  }

  /** 255: as before. */
  setFeatures(tiers: readonly Tier[]): void {
    this.features = this.features.map((tier, index) => {
      const given = tiers[index] ?? 255;
      return given === 255 ? tier : Math.min(given, everybody);
    });
  }

  #isOperator(user: number): boolean {
    return this.tierOf(user) === 0;
  }

  #may(user: number, index: number): boolean {
    const tier = this.features[index]!;
    return tier === everybody || this.tierOf(user) <= tier;
  }

  #mayEditLayer(user: number, id: number): boolean {
    if (this.#may(user, feature.editLayers)) return true;
    return ownerOf(id) === user && this.#may(user, feature.ownLayers);
  }

  #isContentLocked(user: number, id: number): boolean {
    // selections are nobody's to draw on but their own client's, which does it by itself
    if (isSelectionLayerId(id)) return true;
    const entry = this.layers.get(id);
    if (!entry) return false;
    if (entry.isContentLocked || this.tierOf(user) > entry.tier) return true;
    return entry.exclusive !== undefined && !entry.exclusive.includes(user);
  }

  #membership(type: number, user: number, fields: Fields): true {
    switch (type) {
      case 32:
        if ((fields.flags as number) & 1) this.authenticated.add(user);
        break;
      case 33:
        for (const users of [this.operators, this.trusted, this.authenticated, this.locked])
          users.delete(user);
        break;
      case 34:
        this.operators.set(fields.users as readonly number[]);
        break;
      case 36:
        this.trusted.set(fields.users as readonly number[]);
        break;
      default:
    }
    return true;
  }

  #meta(type: number, user: number, fields: Fields): boolean {
    switch (type) {
      case 65:
        return this.#may(user, feature.laser);
      case 68:
        if (!this.#isOperator(user)) return false;
        this.locked.set(fields.users as readonly number[]);
        // the server cannot be locked
        this.locked.delete(0);
        return true;
      case 69:
        return this.#layerAccess(user, fields);
      case 70: {
        if (!this.#isOperator(user)) return false;
        const tiers = fields.feature_tiers as readonly number[];
        this.setFeatures(tiers);
        return true;
      }
      case 71:
      case 74:
        return this.#isOperator(user);
      case 76:
        return user === 0;
      case 77: {
        if (!this.#isOperator(user)) return false;
        const limits = fields.limits as readonly number[];
        this.limits = this.limits.map((limit, index) => limits[index] ?? limit);
        return true;
      }
      default:
        return true;
    }
  }

  #layerAccess(user: number, fields: Fields): boolean {
    const id = fields.id as number;
    const flags = fields.flags as number;
    const exclusive = fields.exclusive as readonly number[];
    if (id === 0) {
      if (!this.#isOperator(user)) return false;
      this.isSessionLocked = (flags & 0x80) !== 0;
      return true;
    }
    if (!this.#mayEditLayer(user, id)) return false;
    // seen in clients: the first remote selection passes, with no effect, no other does
    if (!isLayerId(id)) return isSelectionLayerId(id) && selectionOf(id) === firstRemoteSelection;
    if (flags === everybody && exclusive.length === 0) this.layers.delete(id);
    else if (this.layers.has(id) || this.layers.size < maxLayerEntries) {
      this.layers.set(id, {
        isContentLocked: (flags & 0x80) !== 0,
        isMoveLocked: (flags & 0x40) !== 0,
        isPropsLocked: (flags & 0x20) !== 0,
        tier: flags & 3,
        exclusive: exclusive.length === 0 ? undefined : exclusive.slice(),
      });
    }
    return true;
  }

  #command(type: number, user: number, fields: Fields): boolean {
    switch (type) {
      case 255:
        return this.#may(user, feature.undo);
      case 129:
        return this.#may(user, feature.resize);
      case 147:
      case 180:
        return this.#may(user, feature.background);
      case 131:
      case 132: {
        const id = fields.id as number;
        return this.#mayEditLayer(user, id) && this.layers.get(id)?.isPropsLocked !== true;
      }
      case 162:
        return this.#layerCreate(user, fields.id as number);
      case 163: {
        const id = fields.layer as number;
        if (!this.#mayEditLayer(user, id) || this.layers.get(id)?.isMoveLocked) return false;
        return fields.parent !== 0 || this.#mayMakeLayers(user);
      }
      case 164: {
        const mergeTo = fields.merge_to as number;
        const id = fields.id as number;
        if (!this.#mayEditLayer(user, id)) return false;
        if (mergeTo !== 0 && this.#isContentLocked(user, mergeTo)) return false;
        this.layers.delete(id);
        return true;
      }
      case 136:
      case 178:
        if (fields.mode === 252) return true;
        return this.#mayPutImage(user, fields);
      case 137:
        return this.#mayPutImage(user, fields);
      case 146:
      case 179:
        return this.#isOperator(user);
      case 160:
      case 165:
      case 181:
      case 182:
        return (
          this.#may(user, feature.regionMove) &&
          !this.#isContentLocked(user, fields.layer as number) &&
          !this.#isContentLocked(user, fields.source as number)
        );
      case 161:
        return this.#metadata(user, fields.field as number);
      case 141:
        return (
          this.#may(user, feature.createAnnotation) && this.#isOwnerOrOperator(user, fields.id as number)
        );
      case 142:
      case 143:
      case 144:
        return this.#annotation(type, user, fields);
      case 166:
        return this.#isOwnerOrOperator(user, fields.id as number) && this.#may(user, feature.timeline);
      case 167:
      case 168:
      case 169:
      case 170:
      case 171:
      case 172:
      case 173:
        return this.#may(user, feature.timeline);
      case 174:
      case 175:
        return false;
      case 177:
        return fields.user === user || this.#isOperator(user);
      default:
        return true;
    }
  }

  #isOwnerOrOperator(user: number, id: number): boolean {
    return ownerOf(id) === user || this.#isOperator(user);
  }

  #mayMakeLayers(user: number): boolean {
    return this.#may(user, feature.editLayers) || this.#may(user, feature.ownLayers);
  }

  #mayPutImage(user: number, fields: Fields): boolean {
    return this.#may(user, feature.putImage) && !this.#isContentLocked(user, fields.layer as number);
  }

  #layerCreate(user: number, id: number): boolean {
    const tier = this.tierOf(user);
    if (tier !== 0) {
      const limit = this.limits[layerCountLimit + tier]!;
      if (limit === 0 || (limit > 0 && id >> 8 >= limit)) return false;
    }
    return this.#isOwnerOrOperator(user, id) && this.#mayMakeLayers(user);
  }

  #metadata(user: number, field: number): boolean {
    if (field >= 2 && field <= 6) return this.#may(user, feature.timeline);
    if (field === 7 || field === 8) return this.#isOperator(user);
    return this.#may(user, feature.resize);
  }

  #annotation(type: number, user: number, fields: Fields): boolean {
    const id = fields.id as number;
    const isMine = this.#isOwnerOrOperator(user, id);
    if (type === 143) {
      if (!isMine) return false;
      if ((fields.flags as number) & 1) this.protectedAnnotations.add(id);
      else this.protectedAnnotations.delete(id);
      return true;
    }
    if (!isMine && this.protectedAnnotations.has(id)) return false;
    if (type === 144) this.protectedAnnotations.delete(id);
    return true;
  }
}
