// The external services of a server that has none: no list servers, no report service.
import { reason } from '../errors/reason.js';
import type { AbuseReports, Listings } from './needs.js';

export const noListings: Listings = {
  refusal: (url) => (/^https?:\/\/[^\s/]+/i.test(url) ? undefined : reason('list-url-invalid')),
  announce: (session) => session.listingMessage('This server does not announce sessions'),
  unlist: () => {},
  changed: () => {},
  ended: () => {},
  urls: () => [],
  listed: () => [],
};

export const noReports: AbuseReports = { isEnabled: false, send: (_report, done) => done('refused') };
