// TABLE of errors of drawing: canvases, pictures, films.

import { errorRows } from './rows.js';

export const pictureErrors = errorRows({
  'canvas-not-drawable': { kind: 'unsupported', text: 'cannot draw the canvas: {reason}' },
  'canvas-threads-stopped': { kind: 'fault', text: 'the canvas threads have stopped' },
  'canvas-out-of-memory': { kind: 'fault', text: 'the canvas needs more memory than it is allowed to use' },
  'canvas-thread-ended': { kind: 'fault', text: 'the canvas thread stopped unexpectedly' },
  'canvas-not-divisible': {
    kind: 'fault',
    text: 'this canvas cannot be drawn in parts',
  },
  'canvas-closed': { kind: 'fault', text: 'the canvas is closed' },
  'canvas-without-share': { kind: 'fault', text: 'a canvas thread needs a share of a processor' },
  'canvas-without-size': {
    kind: 'badInput',
    text: 'there is no picture: the canvas has no size at this point',
  },
  'canvas-never-sized': {
    kind: 'badInput',
    text: 'there is no picture: the canvas has no size at any point',
  },
  'canvas-empty-at-end': {
    kind: 'badInput',
    text: 'there is no picture: the canvas is empty at the end of the recording',
  },
  'area-outside': {
    kind: 'badInput',
    text: 'the area is outside the canvas of {width} × {height} pixels',
    hint: 'give --crop as WIDTHxHEIGHT+X+Y within it',
  },
  'picture-too-large': {
    kind: 'badInput',
    text: 'the picture of {width} × {height} pixels is too large: {limit}',
    hint: 'make it smaller with --size or --crop, or write a PNG file',
  },
  'picture-damaged': { kind: 'badInput', text: '{file} is damaged: {what}' },
  'picture-no-png': {
    kind: 'badInput',
    text: '{file} is not a PNG picture',
    hint: 'convert it to PNG first',
  },
  'picture-input-too-large': {
    kind: 'badInput',
    text: '{file} is too large: {width} × {height} pixels',
    hint: 'make it smaller first',
  },
  'picture-without-file': {
    kind: 'badInput',
    text: 'no output file given',
    hint: 'add OUT.png, or --state, or --every N --frames DIR',
  },
  'picture-in-vain': {
    kind: 'badInput',
    text: 'nothing would be written to {file}',
    hint: 'leave out {flag} or {file}',
  },
  'picture-format-unknown': {
    kind: 'badInput',
    text: 'cannot determine the picture format from the name {file}',
    hint: 'use a name that ends in {endings}, or add --format',
  },
  'film-format-unknown': {
    kind: 'badInput',
    text: 'cannot determine the timelapse format from the name {file}',
    hint: 'use a name that ends in {endings}',
  },
  'film-from-stream': {
    kind: 'badInput',
    text: 'a timelapse reads its recording twice',
    hint: 'name a file instead of -',
  },
  'film-too-long': {
    kind: 'badInput',
    text: 'the timelapse would have {frames} frames; the maximum is {most}',
    hint: 'make it shorter with --duration, --speed or --fps',
  },
  'film-too-large': {
    kind: 'badInput',
    text: 'a timelapse of {width} × {height} pixels is too large',
    hint: 'make it smaller with --size',
  },
  'ffmpeg-not-started': { kind: 'fault', text: 'cannot start ffmpeg' },
  'ffmpeg-failed': { kind: 'fault', text: 'ffmpeg failed: {reason}' },
  'ffmpeg-missing': {
    kind: 'unsupported',
    text: '{format} files need the program ffmpeg, which is not installed',
    hint: 'install ffmpeg, or write a file that ends in .apng or .gif',
  },
  'layer-ambiguous': {
    kind: 'conflict',
    text: "{count} layers are named '{layer}'",
    hint: 'give an id: {ids}',
  },
  'layer-not-found': {
    kind: 'notFound',
    text: "there is no layer '{layer}' at this point",
    hint: 'choose one of: {layers}',
    near: "did you mean '{near}'?",
  },
  'user-draws-nothing': {
    kind: 'notFound',
    text: 'user {user} draws nothing up to there',
    hint: 'choose among those who draw: {users}',
  },
  'nobody-draws': { kind: 'notFound', text: 'user {user} draws nothing up to there, nor does anybody else' },
  'canvas-without-layers': {
    kind: 'notFound',
    text: "there is no layer '{layer}': the canvas has no layers at this point",
  },
});
