// Checks what the server's user can read and write, and what others cannot.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { recordingsFolder } from '../../io/disk/recorder.js';
import { whyNoFolder } from '../../io/files/folders.js';
import { nearestExisting } from '../../io/files/places.js';
import { dataFiles } from '../../io/system/data-folder.js';
import { currentUserName, shellWord } from '../../io/system/user.js';
import { exposedFiles } from '../exposed-files.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export function checkPermissions({ dataFolder, database, sessions, startup }: Examined): Finding[] {
  const findings: Finding[] = [];
  if (process.geteuid?.() === 0) {
    findings.push(finding('checked-as-root', {}));
  }
  const check = (place: string, mode: number, access: string) => {
    const folder = nearestExisting(place);
    const isThere = folder === path.resolve(place);
    const user = currentUserName();
    const why = (mode & fs.constants.X_OK) === 0 ? undefined : whyNoFolder(place);
    if (typeof why === 'object') {
      findings.push(finding('place-no-folder', { place, reason: why.reason }));
      return;
    }
    try {
      fs.accessSync(folder, isThere ? mode : fs.constants.W_OK | fs.constants.X_OK);
      findings.push(
        isThere ? finding('place-usable', { place, access }) : finding('place-creatable', { place }),
      );
    } catch {
      findings.push(
        isThere
          ? finding('place-unusable', { place, access, user })
          : finding('place-not-creatable', { place, folder, user }),
      );
    }
  };
  const readWrite = fs.constants.R_OK | fs.constants.W_OK;
  const folder = readWrite | fs.constants.X_OK;
  if (database === undefined || sessions === undefined) check(dataFolder, folder, 'readable and writable');
  if (database !== undefined) check(database, readWrite, 'readable and writable');
  if (sessions !== undefined) check(sessions, folder, 'readable and writable');
  if (startup.templates !== undefined)
    check(startup.templates, fs.constants.R_OK | fs.constants.X_OK, 'readable');
  const ownApp = startup['web-admin-app'];
  if (ownApp !== undefined) check(ownApp, fs.constants.R_OK | fs.constants.X_OK, 'readable');
  if (startup.record !== undefined) check(recordingsFolder(startup.record), folder, 'writable');
  if (startup.acme.length > 0)
    check(dataFiles(dataFolder).automaticCertificate, folder, 'readable and writable');
  for (const file of [startup['ssl-cert'], startup['ssl-key']]) {
    if (file !== undefined) check(file, fs.constants.R_OK, 'readable');
  }
  const key = startup['ssl-key'];
  if (key !== undefined && fs.existsSync(key) && (fs.statSync(key).mode & 0o004) !== 0) {
    findings.push(finding('key-exposed', { key }));
  }
  const exposed = exposedFiles({
    files: [database, startup.config, dataFiles(dataFolder).startup].filter((file) => file !== undefined),
    folders: [
      dataFiles(dataFolder).automaticCertificate,
      sessions,
      startup.record === undefined ? undefined : recordingsFolder(startup.record),
    ].filter((folder) => folder !== undefined),
  });
  if (exposed.length > 0) {
    const [first] = exposed;
    const more = exposed.length === 1 ? '' : ` and ${exposed.length - 1} more`;
    findings.push(
      finding('data-exposed', { files: `${first}${more}`, words: exposed.map(shellWord).join(' ') }),
    );
  }
  return findings;
}
