// TABLE of errors of certificates that an authority issues (ACME): names, terms, and why there is none yet.

import { errorRows } from './rows.js';

export const certificateErrors = errorRows({
  // ---- start options ----
  'acme-name-wildcard': {
    kind: 'badInput',
    text: "invalid value '{name}' for {option}: an authority issues wildcards only to those who change the DNS",
    hint: 'list every name instead: --acme draw.example.org,www.example.org',
  },
  'acme-name-address': {
    kind: 'badInput',
    text: "invalid value '{name}' for {option}: an authority issues no certificates for addresses",
    hint: 'use a host name that leads to this server, such as draw.example.org',
  },
  'acme-name-not-public': {
    kind: 'badInput',
    text: "invalid value '{name}' for {option}: {reason}",
    hint: 'use a name of the public internet, such as draw.example.org, or a self-signed certificate: dp cert create',
  },
  'acme-name-invalid': {
    kind: 'badInput',
    text: "invalid value '{name}' for {option}: expected host names of the public internet, separated by commas",
    hint: 'leave out https:// and the port, as in draw.example.org',
  },
  'acme-names-too-many': {
    kind: 'badInput',
    text: 'too many names for --acme: {count}; at most {most} fit into one certificate',
    hint: 'list only names under which users reach this server',
  },
  'acme-with-files': {
    kind: 'badInput',
    text: '--acme cannot be combined with --ssl-cert and --ssl-key',
    hint: 'leave out one of them; with --acme, the server keeps its certificate in the data folder',
  },
  'acme-without-port': {
    kind: 'badInput',
    text: '--acme needs a port at which the authority checks the name',
    hint: 'add --http-port 80, --web-port 443, or both; --websocket-port 443 is enough, too',
  },
  'acme-without-folder': {
    kind: 'badInput',
    text: '--acme needs a data folder to keep the certificate in, and {option} uses none',
    hint: 'leave out {option}, or keep everything in one folder: --data FOLDER',
  },
  'acme-option-alone': {
    kind: 'badInput',
    text: '{option} has no effect without --acme',
    hint: 'add --acme NAME, the host name that leads to this server',
  },

  // ---- why there is no certificate ----
  'acme-terms': {
    kind: 'fault',
    text: 'the authority issues certificates only to those who accept its terms of service: {terms}',
    hint: 'start the server with --acme-accept-terms when you have read and accepted them',
  },
  'acme-terms-changed': {
    kind: 'fault',
    text: 'the terms of service of the authority have changed: {terms}',
    hint: 'follow the instructions on that page, then: dp cert renew',
  },
  'acme-name-unknown': {
    kind: 'fault',
    text: 'the authority cannot find the name {name}: {reason}',
    hint: 'add an A or AAAA record for {name} that points to this server; check it with: getent ahosts {name}',
  },
  'acme-name-elsewhere': {
    kind: 'fault',
    text: 'the name {name} leads to another server: {reason}',
    hint: 'point the A and AAAA records of {name} to this server only, and forward port {port} to it',
  },
  'acme-name-refused': {
    kind: 'fault',
    text: 'the authority does not issue certificates for {name}: {reason}',
    hint: 'use another name, or another authority with --acme-directory',
  },
  'acme-port-closed': {
    kind: 'fault',
    text: 'the authority cannot reach port {port} of {name}: {reason}',
    hint: 'open TCP port {port} in the firewall, and forward it to this server if it is behind a router',
  },
  'acme-caa': {
    kind: 'fault',
    text: 'a CAA record forbids the authority to issue a certificate for {name}: {reason}',
    hint: 'add the authority to the CAA records of {name}, or remove them where the domain is registered',
  },
  'acme-rate-limit': {
    kind: 'fault',
    text: 'the authority has issued or refused too many certificates lately: {reason}',
    hint: 'wait: dp tries again when the authority allows it; try things out with a test directory of the authority (--acme-directory)',
  },
  'acme-account-refused': {
    kind: 'fault',
    text: 'the authority refuses the account: {reason}',
    hint: 'check --acme-email; an authority that needs an account of its website (external account binding) cannot be used',
  },
  'acme-directory-down': {
    kind: 'fault',
    text: 'the authority at {directory} does not answer: {reason}',
    hint: 'check --acme-directory and the way of this machine to the internet; dp tries again by itself',
  },
  'acme-directory-untrusted': {
    kind: 'fault',
    text: 'the certificate of the authority at {directory} is not trusted: {reason}',
    hint: 'name its root certificate with --acme-directory-ca FILE, if it is a private authority',
  },
  'acme-directory-wrong': {
    kind: 'fault',
    text: '{directory} is not an ACME directory: {reason}',
    hint: "correct --acme-directory; without it, Let's Encrypt is used",
  },
  'acme-clock': {
    kind: 'fault',
    text: 'the clock of this machine is wrong: it says {here}, the authority says {there}',
    hint: 'set the clock, and keep it right: timedatectl set-ntp true',
  },
  'acme-disk': {
    kind: 'fault',
    text: 'cannot store the certificate in {folder}: {reason}',
    hint: 'make room, or make the folder writable for the user of the server; dp tries again by itself',
  },
  'acme-challenge-not-offered': {
    kind: 'fault',
    text: 'the authority does not offer the check {challenge} for {name}',
    hint: 'open the other port as well: --http-port 80 and --web-port 443',
  },
  'acme-refused': {
    kind: 'fault',
    text: 'the authority refused the request: {reason}',
    hint: 'look for more in the log: dp log --after 1h; dp tries again by itself',
  },

  // ---- what this server sees itself before it orders ----
  'acme-name-not-found-here': {
    kind: 'fault',
    text: '{name} cannot be found: {reason}',
    hint: 'add an address record for {name} where your domain is registered; check it with: getent ahosts {name}',
  },
  'acme-port-not-answering': {
    kind: 'fault',
    text: 'port {port} of {name} ({address}) does not answer: {reason}',
    hint: 'open TCP port {port} in the firewall; behind a router, forward it to port {own} of this machine',
  },
  'acme-other-answers': {
    kind: 'fault',
    text: 'port {port} of {name} ({address}) is answered by something else than this server',
    hint: 'correct the address record of {name}, or end the other program: ss -ltnp "sport = :{port}"',
  },

  // ---- dp cert renew, dp cert status ----
  'certificate-not-automatic': {
    kind: 'conflict',
    text: 'this server does not obtain its certificate from an authority',
    hint: 'start it with --acme NAME, or renew the files of --ssl-cert and --ssl-key',
  },
  'certificate-not-automatic-here': {
    kind: 'conflict',
    text: 'no server is running, and the stored start options of {folder} name no --acme',
    hint: "start the server with 'dp serve --acme NAME', or store its options with 'dp init'",
  },
  'certificate-renewal-too-early': {
    kind: 'conflict',
    text: 'the authority does not accept a new order before {moment} UTC: {reason}',
    hint: 'wait until then; dp tries again by itself',
  },
  'certificate-renewal-running': {
    kind: 'conflict',
    text: 'a certificate is being ordered already',
    hint: 'follow it with: dp cert status',
  },
});
