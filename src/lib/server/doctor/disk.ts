// Room on the disks that the server writes to.

import * as path from 'node:path';
import { describeSize } from '../../core/units.js';
import { recordingsFolder } from '../../io/disk/recorder.js';
import { freeSpace, nearestExisting } from '../../io/files/places.js';
import { dataFiles } from '../../io/system/data-folder.js';
import type { Examined, Finding } from './findings.js';

const lowBytes = 1024 ** 3;
const tooLowBytes = 100 * 1024 ** 2;

export function checkDisk({ dataFolder, database, sessions, startup }: Examined): Finding[] {
  const subject = 'disk';
  const places = [
    dataFolder,
    database && path.dirname(database),
    sessions,
    startup.record && recordingsFolder(startup.record),
    startup.acme.length > 0 ? dataFiles(dataFolder).automaticCertificate : undefined,
  ];
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const place of places) {
    const there = place && nearestExisting(place);
    if (!there) continue;
    const { device, freeBytes: free, freeShare } = freeSpace(there);
    if (seen.has(device)) continue;
    seen.add(device);
    const share = Math.round(freeShare * 100);
    const text = `${there}: ${describeSize(free)} free (${share} %)`;
    const level = free < tooLowBytes ? 'problem' : free < lowBytes || share < 5 ? 'note' : 'ok';
    findings.push({
      subject,
      level,
      text,
      ...(level !== 'ok' && {
        fix: `free disk space; largest folders: du -xh --max-depth=2 ${there} | sort -h | tail`,
      }),
    });
  }
  return findings;
}
