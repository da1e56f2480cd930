// Opens an address in the browser of whoever sits here. Never through a shell.

import { spawn } from 'node:child_process';
import type { Terminal } from './terminal.js';

/** Program and arguments; undefined: nobody sits here. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  env: Terminal['env'],
): readonly [string, ...string[]] | undefined {
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  const hasScreen = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  return hasScreen ? ['xdg-open', url] : undefined;
}

/** Resolves to whether a browser was started. */
export function openBrowser(url: string, env: Terminal['env']): Promise<boolean> {
  const command = browserCommand(url, process.platform, env);
  if (!command) return Promise.resolve(false);
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: { ...env } });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
