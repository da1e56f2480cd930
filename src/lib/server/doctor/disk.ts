// Checks the free space of the disks that the server writes to.

import * as path from 'node:path';
import { describeSize } from '../../core/units.js';
import { recordingsFolder } from '../../io/disk/recorder.js';
import { freeSpace, nearestExisting } from '../../io/files/places.js';
import { dataFiles } from '../../io/system/data-folder.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

const lowBytes = 1024 ** 3;
const tooLowBytes = 100 * 1024 ** 2;

export function checkDisk({ dataFolder, database, sessions, startup }: Examined): Finding[] {
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
    const facts = { folder: there, free: describeSize(free), share };
    if (free < tooLowBytes) findings.push(finding('disk-full', facts));
    else if (free < lowBytes || share < 5) findings.push(finding('disk-low', facts));
    else findings.push(finding('disk-has-room', facts));
  }
  return findings;
}
