// The external services of a server that has none: no list servers, no report service.
import type { AbuseReports, Listings } from './needs.js';

export const noListings: Listings = {
  refusal: (url) => (/^https?:\/\/[^\s/]+/i.test(url) ? undefined : 'Invalid API URL'),
  announce: (session) => session.listingMessage('This server does not announce sessions'),
  unlist: () => {},
  changed: () => {},
  ended: () => {},
  urls: () => [],
  listed: () => [],
};

export const noReports: AbuseReports = { isEnabled: false, send: (_report, done) => done('refused') };
