// The values that a server chooses (ids, secrets, correlators, history indexes …): which of ours stands for which
// recorded one, so that recorded client messages can be sent with ours in their place.

import { type Frame, frame, type Json, type JsonObject, jsonOf, messageType } from '../helpers/wire.js';

const chosenKeys = new Set(['id', 'uniqueId', 'secret', 'payload', 'correlator', 'nonce', 'export', 'at']);

const indexPattern = /(\d+):(\d+):([0-9a-hjkmnp-tv-z]{26})/g;

export class ChosenValues {
  readonly #ours = new Map<string, string>();
  /** Recorded start of an era of indexes to ours, and how far our positions are ahead. */
  readonly #eras = new Map<string, { start: string; shift: number }>();

  /** Takes over what a pair of matched messages tells. */
  learn(recorded: Frame, actual: Frame): void {
    const theirs = jsonOf(recorded);
    const ours = jsonOf(actual);
    if (theirs !== undefined && ours !== undefined) {
      this.#walk(theirs, ours, '');
    }
  }

  set(recorded: string, ours: string): void {
    this.#ours.set(recorded, ours);
  }

  get(recorded: string): string | undefined {
    return this.#ours.get(recorded);
  }

  /** The recorded client message with our values in it. */
  apply(message: Frame): Buffer {
    if (message.type === messageType.thumbnail) {
      return frame(
        message.type,
        message.context,
        Buffer.from(this.#replace(message.payload.toString('latin1')), 'latin1'),
      );
    }
    if (message.type !== messageType.command || jsonOf(message) === undefined) {
      return message.bytes;
    }
    const text = message.payload.toString();
    const replaced = this.#replace(text);
    return replaced === text ? message.bytes : frame(message.type, message.context, replaced);
  }

  #replace(text: string): string {
    let result = text.replace(indexPattern, (whole, start: string, position: string, session: string) => {
      const era = this.#eras.get(`${start}:${session}`) ?? this.#eras.get(session);
      if (era === undefined) {
        return whole;
      }
      const isKnown = this.#eras.has(`${start}:${session}`);
      return `${isKnown ? era.start : start}:${Number(position) + era.shift}:${session}`;
    });
    const known = [...this.#ours].filter(([theirs, ours]) => theirs !== ours && result.includes(theirs));
    for (const [theirs, ours] of known.sort(([a], [b]) => b.length - a.length)) {
      result = result.replaceAll(theirs, ours);
    }
    return result;
  }

  #walk(theirs: Json, ours: Json, key: string): void {
    if (typeof theirs === 'string' && typeof ours === 'string') {
      if (key === 'hidx' || key === 'hid*') {
        this.#learnIndex(theirs, ours);
      } else if (chosenKeys.has(key) && theirs.length >= 5) {
        this.#ours.set(theirs, ours);
        if (key === 'export') {
          // A damaged export is made of the good one: session/setup.json, 18-edge-cases.
          this.#ours.set(damaged(theirs), damaged(ours));
        }
      }
    } else if (Array.isArray(theirs) && Array.isArray(ours)) {
      for (const [at, item] of theirs.entries()) {
        if (at < ours.length) {
          this.#walk(item, ours[at]!, key === 'remove' ? 'id' : key);
        }
      }
    } else if (isObject(theirs) && isObject(ours)) {
      for (const [name, value] of Object.entries(theirs)) {
        if (name in ours) {
          this.#walk(value, ours[name]!, name);
        }
      }
    }
  }

  #learnIndex(theirs: string, ours: string): void {
    const [their] = [...theirs.matchAll(indexPattern)];
    const [our] = [...ours.matchAll(indexPattern)];
    if (their !== undefined && our !== undefined) {
      const era = { start: our[1]!, shift: Number(our[2]) - Number(their[2]) };
      this.#eras.set(`${their[1]}:${their[3]}`, era);
      this.#eras.set(their[3]!, era);
    }
  }
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function damaged(text: string): string {
  return `${text.slice(0, -6)}AAAA==`;
}
