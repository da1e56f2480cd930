// TABLE of the checks of `dp doctor`: one file per check, which makes findings. Code that queries the system or the
// network is in `io`. To add a check: a file, a row here, and rows in catalogue.ts for its findings.

import { type Finding, finding } from './catalogue.js';
import { checkCertificate } from './certificate.js';
import { checkDatabase } from './database.js';
import { checkDisk } from './disk.js';
import { checkExternalServices } from './external-services.js';
import type { Check, Examined } from './findings.js';
import { checkName } from './name.js';
import { checkPermissions } from './permissions.js';
import { checkPorts } from './ports.js';
import { checkProgram } from './program.js';
import { checkSessions } from './sessions.js';
import { checkSettings } from './settings.js';
import { checkWebSocket } from './websocket.js';

/** By subject, in the order in which they are notified. */
const checks: Readonly<Record<string, Check>> = {
  program: checkProgram,
  disk: checkDisk,
  permissions: checkPermissions,
  database: checkDatabase,
  sessions: checkSessions,
  ports: checkPorts,
  certificate: checkCertificate,
  name: checkName,
  services: checkExternalServices,
  websocket: checkWebSocket,
  settings: checkSettings,
};

export const subjects = Object.keys(checks);

/** All findings, subject by subject; one that fails is a finding itself. */
export async function examine(examined: Examined, only: readonly string[] = subjects): Promise<Finding[]> {
  const all = await Promise.all(
    Object.entries(checks)
      .filter(([subject]) => only.includes(subject))
      .map(async ([subject, check]) => {
        try {
          return await check(examined);
        } catch (error) {
          const { message, hint } = error as Error & { hint?: string };
          return [{ ...finding('check-failed', { reason: message, advice: hint }), subject }];
        }
      }),
  );
  return all.flat();
}
