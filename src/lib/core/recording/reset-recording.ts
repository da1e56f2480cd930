// A recording that begins with a reset image: header, who is there, and the frames of the image as messages.

import { asBuffer } from '../bytes.js';
import { frameContextId, frameType, headerBytes } from '../protocol/frame.js';
import { type Generation, messageTables } from '../protocol/messages.js';
import type { RecordingHeader } from './header.js';
import type { RecordingFormat } from './items.js';
import { passPayload } from './pass.js';
import { RecordingWriter } from './writer.js';

export interface ResetRecording {
  readonly format: RecordingFormat;
  readonly generation: Generation;
  readonly header: RecordingHeader;
}

/** A writer whose header names its version. */
export function resetWriter({ format, generation, header }: ResetRecording): RecordingWriter {
  const written = new Map(header);
  written.set('version', messageTables[generation].protocol);
  return new RecordingWriter({ format, generation, header: written, isOriginal: false });
}

/** A frame as a message of the recording. */
export function writeFrame(writer: RecordingWriter, frame: Uint8Array): void {
  const bytes = asBuffer(frame);
  writer.write({
    type: frameType(bytes, 0),
    contextId: frameContextId(bytes, 0),
    payload: bytes.subarray(headerBytes),
  });
}

/** The same for a template, in which users of another session mean nothing. */
export function writeTemplateFrame(writer: RecordingWriter, generation: Generation, frame: Uint8Array): void {
  const bytes = asBuffer(frame);
  const type = frameType(bytes, 0);
  const payload = passPayload('template', generation, type, bytes.subarray(headerBytes));
  if (payload) writer.write({ type, contextId: frameContextId(bytes, 0), payload });
}
