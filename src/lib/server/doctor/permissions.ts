// What the server's user may read and write, and what others may not.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { recordingsFolder } from '../../io/disk/recorder.js';
import { nearestExisting } from '../../io/files/places.js';
import { dataFiles } from '../../io/system/data-folder.js';
import { currentUserName, shellWord } from '../../io/system/user.js';
import { exposedFiles } from '../exposed-files.js';
import type { Examined, Finding } from './findings.js';

export function checkPermissions({ dataFolder, database, sessions, startup }: Examined): Finding[] {
  const subject = 'permissions';
  const findings: Finding[] = [];
  if (process.geteuid?.() === 0) {
    findings.push({
      subject,
      level: 'note',
      text: 'running as root: the permissions that the server will have are not checked',
      fix: 'run as the user of the server: sudo -u dp dp doctor',
    });
  }
  const check = (place: string, mode: number, what: string) => {
    const there = nearestExisting(place);
    const isThere = there === path.resolve(place);
    try {
      fs.accessSync(there, isThere ? mode : fs.constants.W_OK | fs.constants.X_OK);
      findings.push({
        subject,
        level: 'ok',
        text: `${place}: ${isThere ? what : `does not exist yet, can be created`}`,
      });
    } catch {
      const text = isThere
        ? `${place}: not ${what}`
        : `${place}: does not exist, and cannot be created in ${there}`;
      findings.push({ subject, level: 'problem', text, fix: `sudo chown -R ${currentUserName()}: ${there}` });
    }
  };
  const readWrite = fs.constants.R_OK | fs.constants.W_OK;
  const folder = readWrite | fs.constants.X_OK;
  if (database === undefined || sessions === undefined) check(dataFolder, folder, 'readable and writable');
  if (database !== undefined) check(database, readWrite, 'readable and writable');
  if (sessions !== undefined) check(sessions, folder, 'readable and writable');
  if (startup.templates !== undefined)
    check(startup.templates, fs.constants.R_OK | fs.constants.X_OK, 'readable');
  if (startup.record !== undefined) check(recordingsFolder(startup.record), folder, 'writable');
  if (startup.acme.length > 0)
    check(dataFiles(dataFolder).automaticCertificate, folder, 'readable and writable');
  for (const file of [startup['ssl-cert'], startup['ssl-key']]) {
    if (file !== undefined) check(file, fs.constants.R_OK, 'readable');
  }
  const key = startup['ssl-key'];
  if (key !== undefined && fs.existsSync(key) && (fs.statSync(key).mode & 0o004) !== 0) {
    findings.push({
      subject,
      level: 'problem',
      text: `${key}: all users of this machine can read the private key`,
      fix: `chmod o-r ${key}`,
    });
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
    findings.push({
      subject,
      level: 'problem',
      text: `${first}${more}: readable by all users of this machine, with passwords, addresses or drawings in it`,
      fix: `chmod o-rwx ${exposed.map(shellWord).join(' ')}`,
    });
  }
  return findings;
}
