// The setting publicPage, read.

import type { SettingsReader } from './settings.js';

const modes = ['', 'on', 'sessions'];

/** `sessions`: with the list of sessions. A word that is not known shows nothing: it may have been meant to. */
export function publicPageOf(settings: Pick<SettingsReader, 'get'>): 'off' | 'on' | 'sessions' {
  const words = settings.get('publicPage').split(/[\s,;|]+/);
  if (words.some((word) => !modes.includes(word))) return 'off';
  return words.includes('sessions') ? 'sessions' : 'on';
}
