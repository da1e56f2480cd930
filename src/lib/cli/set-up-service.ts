// The systemd service that `dp init` offers to install, where there is systemd and root asks for it.

import { statSync } from 'node:fs';
import * as path from 'node:path';
import { type Refusal, refusal } from '../core/errors.js';
import { findUser, isRoot } from '../io/system/user.js';
import { confirm } from './prompts.js';
import { closedFolder, hasSystemd, stateOfUnits, textOfUnit, unitFolder } from './service-install.js';
import { makeUnits, type ServiceProgram, type UnitFile } from './service-plan.js';
import { dataFolderOf, isStateFolder, serviceName } from './service-units.js';
import type { SetUp } from './set-up.js';
import type { Terminal } from './terminal.js';

const usualUser = 'dp';

export interface PlannedService {
  user: string;
  units: UnitFile[];
  /** As they are now. */
  state: 'missing' | 'same' | 'different';
}

/** `start`: as it will be. Refusal where a service could not run. */
export function planService(
  program: ServiceProgram,
  { folder }: SetUp,
  start: Readonly<Record<string, string>>,
): PlannedService {
  if (!isRoot()) throw refusal('service-without-root');
  const closed = closedFolder(program);
  if (closed !== undefined) throw refusal('service-in-closed-folder', { folder: closed });
  const user = ownerOf(folder) ?? usualUser;
  const units = makeUnits(program, { user, data: folder }, [], start);
  return { user, units, state: stateOfUnits(unitFolder('/'), units) };
}

/** What was there before belongs to whoever served it. Folders below /var/lib are given to the service by systemd. */
function ownerOf(folder: string): string | undefined {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const name = owner === undefined || owner === 0 ? undefined : findUser(String(owner))?.name;
  return name === 'nobody' && isStateFolder(folder) ? undefined : name;
}

/** Whether the service of this machine serves this folder. */
export function isInstalledFor(folder: string): boolean {
  return dataFolderOf(textOfUnit(unitFolder('/'), serviceName) ?? '') === folder;
}

/** Refusal where a unit was changed by hand. */
export function requireReplaceable(service: PlannedService): PlannedService {
  if (service.state !== 'different') return service;
  const file = path.join(unitFolder('/'), serviceName);
  throw refusal('service-exists', { file, service: serviceName });
}

/** Undefined: no service is wanted, or none is possible here. */
export async function askService(
  terminal: Terminal,
  say: (text: string) => void,
  plan: () => PlannedService,
): Promise<PlannedService | undefined> {
  if (!hasSystemd() || !isRoot()) return undefined;
  let service: PlannedService;
  try {
    service = plan();
  } catch (error) {
    const { message, hint } = error as Refusal;
    say(`No systemd service: ${message}${hint === undefined ? '' : `\n${hint}`}`);
    return undefined;
  }
  if (service.state === 'same') return service;
  const isNew = service.state === 'missing';
  const question = isNew
    ? 'Install a systemd service that starts the server with this machine?'
    : `${serviceName} differs from what this setup needs. Replace it?`;
  return (await confirm(terminal, question, false, isNew)) ? service : undefined;
}
