// How friends get in: the link, with a button that copies it, and as a QR code for a phone.

import type { JSX } from 'preact';
import { encode } from 'uqr';
import { Command } from './parts.js';
import { t } from './texts/texts.js';

export function Friends({ link }: { link: string }): JSX.Element {
  return (
    <div class="friends">
      <QrCode text={link} />
      <Command line={link} />
    </div>
  );
}

/** Four modules of white around it, as cameras need. */
const border = 4;

function QrCode({ text }: { text: string }): JSX.Element {
  const { size, data } = encode(text, { ecc: 'M', border });
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={t('friends.qr', { link: text })}
    >
      <path d={pathOf(data)} fill="currentColor" />
    </svg>
  );
}

/** A rectangle for each run of dark modules in a row. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = '';
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const start = x;
      while (row[x]) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
    }
  });
  return path;
}
