// Stores abuse reports for the moderators of this server, wherever else they are sent.

import type { ReportStore } from '../admin/needs.js';
import type { AbuseReports } from '../core/session/needs.js';

/** The receiver, with a copy of each report in the store. `onLost`: it could not be stored. */
export function storingReports(
  receiver: AbuseReports,
  store: ReportStore | undefined,
  onLost: (error: Error) => void,
): AbuseReports {
  if (store === undefined) return receiver;
  return {
    get isEnabled() {
      return receiver.isEnabled;
    },
    send: (report, done) => receiver.send(report, done),
    keep: (notice) => {
      // called at once, so that whoever is notified by the log finds it
      new Promise((resolve) => resolve(store.add(notice))).catch(onLost);
    },
  };
}
