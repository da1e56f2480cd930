// Videos by the program ffmpeg: raw frames in, a file out.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { reason } from '../../core/errors/reason.js';
import { fault, type Refusal, refusal } from '../../core/errors.js';
import type { Size } from '../../core/picture/picture.js';
import { createRegular, fileModes } from '../files/regular-file.js';
import type { AnimationFrame } from './apng.js';

export const videoFormats = ['mp4', 'webm'] as const;
export type VideoFormat = (typeof videoFormats)[number];

/** How each format is encoded: plays everywhere, keeps thin lines. */
const encoders: Readonly<Record<VideoFormat, readonly string[]>> = {
  mp4: ['-c:v', 'libx264', '-preset', 'medium', '-crf', '18', '-movflags', '+faststart'],
  webm: [
    '-c:v',
    'libvpx-vp9',
    '-crf',
    '24',
    '-b:v',
    '0',
    '-row-mt',
    '1',
    '-deadline',
    'good',
    '-cpu-used',
    '4',
  ],
};

const outputBytes = 2000;

export interface VideoOptions {
  readonly format: VideoFormat;
  /** Even numbers. */
  readonly size: Size;
  readonly framesPerSecond: number;
  readonly file: string;
  /** Called with how to end the program at once. */
  readonly onStart?: ((kill: () => void) => void) | undefined;
}

/** Throws a Refusal where ffmpeg is missing, a Fault with its last words when it fails. */
export async function writeVideo(
  { format, size, framesPerSecond, file, onStart }: VideoOptions,
  frames: AsyncIterable<AnimationFrame>,
): Promise<void> {
  // the system reports what is wrong with the place, before anything is drawn
  closeSync(createRegular(file, fileModes.public));
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', `${size.width}x${size.height}`];
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-y', ...input, '-r', String(framesPerSecond), '-i', '-'],
      ...['-an', ...encoders[format], '-pix_fmt', 'yuv420p', '-f', format, `file:${file}`],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  onStart?.(() => child.kill('SIGKILL'));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-outputBytes);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'ENOENT' ? missing(format) : fault('ffmpeg-not-started', {}, cause));
    });
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else if (/No space left on device/.test(output)) {
        reject(fault('disk-full', { file, reason: reason('disk-is-full') }));
      } else {
        const said = output.trim() || reason('program-ended', { status: status ?? String(signal) });
        reject(fault('ffmpeg-failed', { reason: said }));
      }
    });
  });
  ended.catch(() => {}); // it is thrown below
  let isOpen = true;
  child.stdin.on('error', () => {
    isOpen = false; // the reason comes with its end
  });
  try {
    for await (const { picture, ms } of frames) {
      const times = Math.max(1, Math.round((ms * framesPerSecond) / 1000));
      for (let count = 0; count < times && isOpen; count++) {
        if (child.stdin.write(picture.rgba)) continue;
        const drained = once(child.stdin, 'drain').catch(() => {
          isOpen = false;
        });
        await Promise.race([drained, ended]);
      }
      if (!isOpen) break;
    }
    child.stdin.end();
    await ended;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function missing(format: VideoFormat): Refusal {
  return refusal('ffmpeg-missing', { format });
}
