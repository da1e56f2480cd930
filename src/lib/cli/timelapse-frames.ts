// The frames of a timelapse: the canvas at equal distances of the recording's pace, in one size, with captions if
// wanted, and at the end the finished picture once more.

import { cellWidth, drawText, lineHeight, textSize } from '../core/picture/font.js';
import {
  type Area,
  blankPicture,
  blendPixel,
  flattenOnto,
  type Picture,
  paintOver,
  type Size,
} from '../core/picture/picture.js';
import { fittedSize, scaled } from '../core/picture/scale.js';
import { type DrawingUser, DrawingUsers } from '../core/recording/drawing-users.js';
import type { PaceMeter } from '../core/recording/pace.js';
import type { AnimationFrame } from '../io/canvas/apng.js';
import type { PictureRequest } from '../io/canvas/canvas-messages.js';
import type { Playback } from './playback.js';

export interface TimelapsePlan {
  readonly size: Size;
  /** Frames of the drawing itself. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Milliseconds in which the finished picture comes out of the paper; 0: it is just there. */
  readonly fadeMs: number;
  /** Milliseconds that the finished picture stays. */
  readonly holdMs: number;
  /** Names of who draws. */
  readonly hasNames: boolean;
  /** Behind transparent pixels and beside a canvas of other proportions, 0xRRGGBB. */
  readonly paper: number;
  readonly request: Omit<PictureRequest, 'format' | 'box'>;
}

/** A name stays this long after a stroke. */
const nameMs = 1500;
const dark = 0xb0202020;
const light = 0xffffffff;

/** How many frames there will be in all. */
export function frameCountOf({ frames, fadeMs, holdMs, framesPerSecond }: TimelapsePlan): number {
  return frames + fadeFrames(fadeMs, framesPerSecond) + (holdMs > 0 ? 1 : 0);
}

function fadeFrames(fadeMs: number, framesPerSecond: number): number {
  return Math.round((fadeMs * framesPerSecond) / 1000);
}

/** `meter` has been shown the entire recording. */
export async function* timelapseFrames(
  playback: Playback,
  meter: PaceMeter,
  plan: TimelapsePlan,
): AsyncGenerator<AnimationFrame> {
  const { frames, framesPerSecond, fadeMs, holdMs } = plan;
  const ms = 1000 / framesPerSecond;
  const users = new DrawingUsers(playback.generation);
  const walk = meter.walk();
  let gone = 0;
  let bare = paperPicture(plan);
  let place: Area | undefined;
  let canvas: Size = { width: 0, height: 0 };
  for (let frame = 1; frame <= frames; frame++) {
    const goal = frame === frames ? Number.POSITIVE_INFINITY : (meter.total * frame) / frames;
    const before = playback.played;
    await playback.play((message) => {
      const step = walk.stepOf(message);
      if (gone + step > goal) return true;
      gone += step;
      walk.pass(message);
      users.show(message, frame);
      return false;
    });
    if (playback.played > before) {
      canvas = await playback.canvas.summary();
      if (canvas.width > 0) {
        const size = fittedSize(canvas, plan.size);
        place = centred(size, plan.size);
        const picture = await playback.canvas.pixels({ ...plan.request, box: plan.size, isNext: true });
        bare = onPaper(plan, picture, place);
      }
    }
    const shown = plan.hasNames && place ? withNames(bare, users, frame, canvas, place, plan) : bare;
    yield { picture: shown, ms };
  }
  const fades = fadeFrames(fadeMs, framesPerSecond);
  for (let frame = 1; frame <= fades; frame++) {
    yield { picture: faded(bare, plan.paper, frame / (fades + 1)), ms };
  }
  if (holdMs > 0) yield { picture: bare, ms: holdMs };
}

function paperPicture({ size, paper }: TimelapsePlan): Picture {
  const picture = blankPicture(size);
  flattenOnto(picture, paper);
  return picture;
}

function centred(size: Size, frame: Size): Area {
  return {
    x: Math.floor((frame.width - size.width) / 2),
    y: Math.floor((frame.height - size.height) / 2),
    width: size.width,
    height: size.height,
  };
}

function onPaper(plan: TimelapsePlan, picture: Picture, place: Area): Picture {
  const frame = paperPicture(plan);
  paintOver(frame, scaled(picture, place), place.x, place.y);
  return frame;
}

/** `share` 0: the bare paper, 1: the picture. */
function faded({ width, height, rgba }: Picture, paper: number, share: number): Picture {
  const mixed = new Uint8Array(rgba.length);
  const channels = [(paper >> 16) & 255, (paper >> 8) & 255, paper & 255, 255];
  for (let at = 0; at < rgba.length; at++) {
    const below = channels[at & 3]!;
    mixed[at] = Math.round(below + (rgba[at]! - below) * share);
  }
  return { width, height, rgba: mixed };
}

function withNames(
  bare: Picture,
  users: DrawingUsers,
  frame: number,
  canvas: Size,
  place: Area,
  { framesPerSecond, request }: TimelapsePlan,
): Picture {
  const active = users.since(frame - Math.round((nameMs * framesPerSecond) / 1000));
  if (active.length === 0) return bare;
  const picture = { ...bare, rgba: new Uint8Array(bare.rgba) };
  const shown = request.crop ?? { x: 0, y: 0, ...canvas };
  for (const user of active) drawName(picture, user, shown, place);
  return picture;
}

function drawName(picture: Picture, { name, x, y }: DrawingUser, shown: Area, place: Area): void {
  const scale = Math.max(1, Math.round(picture.height / 480));
  const { width } = textSize(name, scale);
  const box = { width: width + 4 * scale, height: (lineHeight + 2) * scale };
  const pointX = place.x + ((x - shown.x) * place.width) / shown.width;
  const pointY = place.y + ((y - shown.y) * place.height) / shown.height;
  // below and right of the brush, but within the picture
  const left = clamped(pointX + cellWidth * scale, picture.width - box.width);
  const top = clamped(pointY + cellWidth * scale, picture.height - box.height);
  const [red, green, blue, alpha] = [(dark >>> 16) & 255, (dark >>> 8) & 255, dark & 255, dark >>> 24];
  for (let row = top; row < Math.min(picture.height, top + box.height); row++) {
    for (let column = left; column < Math.min(picture.width, left + box.width); column++) {
      blendPixel(picture.rgba, (row * picture.width + column) * 4, red, green, blue, alpha);
    }
  }
  drawText(picture, name, left + 2 * scale, top + 2 * scale, light, scale);
}

function clamped(value: number, most: number): number {
  return Math.max(0, Math.min(Math.round(value), most));
}
