// Sizes of canvases as flags give them.

import { refusal } from '../core/errors.js';
import type { Size } from '../core/picture/picture.js';

export function readSize(text: string): Size {
  const size = /^(\d{1,6})\s*[x×]\s*(\d{1,6})$/i.exec(text);
  if (!size) {
    throw refusal('flag-invalid', {
      flag: '--size',
      value: text,
      expected: 'WIDTHxHEIGHT',
      example: '1920x1080',
    });
  }
  return { width: Number(size[1]), height: Number(size[2]) };
}
