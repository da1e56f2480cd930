// What people might do in 2.1, where it differs from later clients (core/canvas/access.ts): the server had no rights of its
// own, ids began with the user, layers had locks for their content only, and each message had its own rules.

import { Access, everybody, feature } from '../canvas/access.js';
import { ProtocolError } from '../errors.js';
import type { Fields } from '../protocol/kind.js';
import { decodePayload, messageTables } from '../protocol/messages.js';

/** A person who wants something. */
interface CheckedMessage {
  user: number;
  isOperator: boolean;
  fields: Fields;
}

type Rule = (message: CheckedMessage) => boolean;

const firstCommand = 128;

const ownerOf = (id: number): number => id >> 8;

export class AccessOf21 {
  /** Who is who and what is locked; the rules are below. */
  readonly #rights = new Access();
  readonly #rules: Readonly<Record<number, Rule>> = this.#makeRules();

  constructor(operators: readonly number[]) {
    this.#rights.operators.set(operators);
  }

  allows(type: number, user: number, payload: Uint8Array): boolean {
    const row = messageTables['4.21'].row(type);
    if (!row || row.isReserved) return true;
    const { isSessionLocked, locked } = this.#rights;
    if (type >= firstCommand && (isSessionLocked || locked.has(user))) return false;
    const rule = this.#rules[type];
    if (!rule) return true;
    try {
      return rule({
        user,
        isOperator: this.#rights.operators.has(user),
        fields: decodePayload(row, payload),
      });
    } catch (error) {
      if (error instanceof ProtocolError) return true;
      throw error;
    }
  }

  #tierOf(user: number): number {
    // the server itself is a guest like any other
    return user === 0 && !this.#rights.operators.has(0) ? everybody : this.#rights.tierOf(user);
  }

  #may(name: keyof typeof feature, { user }: CheckedMessage): boolean {
    const tier = this.#rights.features[feature[name]];
    return tier !== undefined && this.#tierOf(user) <= tier;
  }

  #isMine(message: CheckedMessage): boolean {
    return ownerOf(message.fields.id as number) === message.user;
  }

  /** One's own layers go by one feature only, whatever the other says. */
  #mayChangeLayer(message: CheckedMessage): boolean {
    return this.#may(this.#isMine(message) ? 'ownLayers' : 'editLayers', message);
  }

  #mayMakeLayers(message: CheckedMessage): boolean {
    return this.#may('editLayers', message) || this.#may('ownLayers', message);
  }

  #isOpen({ user, fields }: CheckedMessage): boolean {
    const entry = this.#rights.layers.get(fields.layer as number);
    if (!entry) return true;
    if (entry.isContentLocked) return false;
    // a list of users overrules the tier
    return entry.exclusive ? entry.exclusive.includes(user) : this.#tierOf(user) <= entry.tier;
  }

  #mayChangeAnnotation(message: CheckedMessage): boolean {
    const id = message.fields.id as number;
    return message.isOperator || this.#isMine(message) || !this.#rights.protectedAnnotations.has(id);
  }

  #takeLayerAccess(message: CheckedMessage): boolean {
    const id = message.fields.id as number;
    const flags = message.fields.flags as number;
    const exclusive = message.fields.exclusive as readonly number[];
    if (id === 0) {
      if (!message.isOperator) return false;
      this.#rights.isSessionLocked = (flags & 0x80) !== 0;
      return true;
    }
    if (!this.#may('editLayers', message) && !(this.#isMine(message) && this.#may('ownLayers', message)))
      return false;
    this.#rights.layers.set(id, {
      isContentLocked: (flags & 0x80) !== 0,
      isMoveLocked: false,
      isPropsLocked: false,
      tier: Math.min(flags & 7, everybody),
      exclusive: exclusive.length === 0 ? undefined : exclusive,
    });
    return true;
  }

  /** Types that are missing pass, square dabs (150) among them. */
  #makeRules(): Record<number, Rule> {
    const rights = this.#rights;
    const membership =
      (type: number): Rule =>
      ({ user, fields }) =>
        rights.passes(type, user, fields);
    const operatorsOnly: Rule = ({ isOperator }) => isOperator;
    const needs =
      (name: keyof typeof feature): Rule =>
      (message) =>
        this.#may(name, message);
    const mayChangeLayer: Rule = (message) => this.#mayChangeLayer(message);
    const mayDraw: Rule = (message) => this.#isOpen(message);
    const mayPutImage: Rule = (message) => this.#may('putImage', message) && this.#isOpen(message);
    return {
      32: membership(32),
      33: membership(33),
      34: membership(34),
      35: ({ isOperator, fields }) => isOperator || ((fields.oflags as number) & 4) === 0,
      36: membership(36),
      65: needs('laser'),
      68: ({ isOperator, fields }) => {
        if (!isOperator) return false;
        rights.locked.set(fields.users as readonly number[]);
        rights.locked.delete(0);
        return true;
      },
      69: (message) => this.#takeLayerAccess(message),
      70: ({ isOperator, fields }) => {
        if (isOperator) rights.setFeatures((fields.feature_tiers ?? fields.tiers) as readonly number[]);
        return isOperator;
      },
      71: operatorsOnly,
      129: needs('resize'),
      130: (message) => (message.isOperator || this.#isMine(message)) && this.#mayMakeLayers(message),
      131: (message) =>
        (message.fields.sublayer === 0 || message.isOperator) && this.#mayChangeLayer(message),
      132: mayChangeLayer,
      133: needs('editLayers'),
      134: (message) => {
        if (!this.#mayChangeLayer(message)) return false;
        rights.layers.delete(message.fields.id as number);
        return true;
      },
      136: mayPutImage,
      137: mayPutImage,
      141: (message) =>
        this.#may('createAnnotation', message) && (message.isOperator || this.#isMine(message)),
      142: (message) => this.#mayChangeAnnotation(message),
      143: (message) => {
        if (!this.#mayChangeAnnotation(message)) return false;
        const id = message.fields.id as number;
        if ((message.fields.flags as number) & 1) rights.protectedAnnotations.add(id);
        else rights.protectedAnnotations.delete(id);
        return true;
      },
      144: (message) => {
        if (!this.#mayChangeAnnotation(message)) return false;
        rights.protectedAnnotations.delete(message.fields.id as number);
        return true;
      },
      145: (message) => this.#may('regionMove', message) && this.#isOpen(message),
      146: operatorsOnly,
      147: needs('background'),
      148: mayDraw,
      149: mayDraw,
      255: (message) =>
        this.#may('undo', message) && (message.isOperator || message.fields.override_user === 0),
    };
  }
}
