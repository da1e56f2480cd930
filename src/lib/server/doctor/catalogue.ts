// TABLE of what `dp doctor` finds, by subject: one row per code. To add a finding: a row, and the check that makes it.
// What settings contradict each other is in core/settings/contradictions.ts. `npm run man` writes
// docs/reference/findings.md from both.
import type { Reason } from '../../core/errors/reason.js';
import { type ErrorValue, fillTemplate, type ParameterOf } from '../../core/errors/rows.js';

/** `ok`: as it should be; `note`: worth knowing; `problem`: something does not work or is not safe. */
export type FindingLevel = 'ok' | 'note' | 'problem';

export interface FindingRow {
  readonly subject: string;
  readonly level: FindingLevel;
  /** `{name}` stands for a parameter. */
  readonly text: string;
  /** What to type or do. May have parameters as well; left out: nothing, or what the cause advises. */
  readonly fix?: string;
}

export interface Finding {
  readonly code: string;
  readonly subject: string;
  readonly level: FindingLevel;
  readonly text: string;
  /** What to type. */
  readonly fix?: string;
}

export const findings = {
  // Whatever is checked
  'check-failed': { subject: 'program', level: 'problem', text: 'check failed: {reason}' },

  'program-version': { subject: 'program', level: 'ok', text: 'dp {version} on Node {node}' },
  'node-too-old': {
    subject: 'program',
    level: 'problem',
    text: 'this Node is older than {least}',
    fix: 'install Node {least} or newer',
  },
  'clock-not-set': {
    subject: 'program',
    level: 'problem',
    text: 'the clock is wrong ({moment}): certificates and bans depend on it',
    fix: 'timedatectl set-ntp true',
  },
  'sqlite-unusable': { subject: 'program', level: 'problem', text: '{reason}' },
  'few-open-files': {
    subject: 'program',
    level: 'note',
    text: 'this process can open {files} files; each user needs one',
    fix: "ulimit -n 65536   (services of 'dp service install' have this limit)",
  },

  'disk-has-room': { subject: 'disk', level: 'ok', text: '{folder}: {free} free ({share} %)' },
  'disk-low': {
    subject: 'disk',
    level: 'note',
    text: '{folder}: {free} free ({share} %)',
    fix: 'free disk space; largest folders: du -xh --max-depth=2 {folder} | sort -h | tail',
  },
  'disk-full': {
    subject: 'disk',
    level: 'problem',
    text: '{folder}: {free} free ({share} %)',
    fix: 'free disk space; largest folders: du -xh --max-depth=2 {folder} | sort -h | tail',
  },

  'checked-as-root': {
    subject: 'permissions',
    level: 'note',
    text: 'running as root: the permissions that the server will have are not checked',
    fix: 'run as the user of the server: sudo -u dp dp doctor',
  },
  'place-usable': { subject: 'permissions', level: 'ok', text: '{place}: {access}' },
  'place-creatable': {
    subject: 'permissions',
    level: 'ok',
    text: '{place}: does not exist yet, can be created',
  },
  'place-unusable': {
    subject: 'permissions',
    level: 'problem',
    text: '{place}: not {access}',
    fix: 'sudo chown -R {user}: {place}',
  },
  'place-no-folder': {
    subject: 'permissions',
    level: 'problem',
    text: '{place}: {reason}',
    fix: 'ls -ld {place}',
  },
  'place-not-creatable': {
    subject: 'permissions',
    level: 'problem',
    text: '{place}: does not exist, and cannot be created in {folder}',
    fix: 'sudo chown -R {user}: {folder}',
  },
  'key-exposed': {
    subject: 'permissions',
    level: 'problem',
    text: '{key}: all users of this machine can read the private key',
    fix: 'chmod o-r {key}',
  },
  'data-exposed': {
    subject: 'permissions',
    level: 'problem',
    text: '{files}: readable by all users of this machine, with passwords, addresses or drawings in it',
    fix: 'chmod o-rwx {words}',
  },

  'database-intact': { subject: 'database', level: 'ok', text: '{database}: intact' },
  'database-damaged': {
    subject: 'database',
    level: 'problem',
    text: '{database}: {problem}',
    fix: 'dp backup restore FILE   (or recover what is readable: sqlite3 OLD .recover | sqlite3 NEW)',
  },
  'not-set-up': {
    subject: 'database',
    level: 'note',
    text: 'no server is set up yet',
    fix: 'dp init   (or dp serve, which starts without restrictions)',
  },
  'stored-row-invalid': { subject: 'database', level: 'problem', text: '{problem}' },

  'sessions-intact': {
    subject: 'sessions',
    level: 'ok',
    text: '{folder}: {sessions}, {size}, {archived}',
  },
  'session-set-aside': {
    subject: 'sessions',
    level: 'problem',
    text: 'session {session} is set aside: {problem}',
    fix: 'dp backup restore FILE, or move it away: mkdir -p {folder}/lost && mv {folder}/{session}* {folder}/lost/',
  },
  'session-in-doubt': {
    subject: 'sessions',
    level: 'problem',
    text: 'session {session} is in doubt: {doubts}',
    fix: 'dp session repair {session}',
  },
  'history-without-journal': {
    subject: 'sessions',
    level: 'problem',
    text: 'histories without a journal, used by no session: {files}',
    fix: 'dp session adopt {file}',
  },
  'session-remark': { subject: 'sessions', level: 'note', text: '{remark}' },
  'files-without-session': {
    subject: 'sessions',
    level: 'note',
    text: 'files that belong to no session: {files}',
  },

  'port-available': { subject: 'ports', level: 'ok', text: '--{flag} {port} is available' },
  'server-not-running': {
    subject: 'ports',
    level: 'ok',
    text: '--{flag} {port} is available; the server is not running',
  },
  'server-answers': { subject: 'ports', level: 'ok', text: '--{flag} {port}: a Drawpile server answers' },
  'port-in-use': { subject: 'ports', level: 'ok', text: '--{flag} {port}: in use{by}' },
  'port-taken': {
    subject: 'ports',
    level: 'problem',
    text: '--{flag} {port} is in use by {program}',
    fix: "find it: ss -ltnp 'sport = :{port}'   (or choose another port: dp serve --{flag} {next})",
  },
  'port-privileged': {
    subject: 'ports',
    level: 'problem',
    text: '--{flag} {port}: this user cannot use ports below 1024',
    fix: 'run as a service: sudo dp service install -- --{flag} {port}   (or choose a port from 1024)',
  },
  'port-unusable': {
    subject: 'ports',
    level: 'problem',
    text: '--{flag} {port} on {address}: {reason}',
    fix: 'list the addresses of this machine: ip address',
  },

  'certificate-valid': {
    subject: 'certificate',
    level: 'ok',
    text: '{certificate}: valid until {until}, {count} in its chain',
  },
  'certificate-renewed': {
    subject: 'certificate',
    level: 'ok',
    text: '{names}: valid until {until}, renewed by the server',
  },
  'certificate-file-damaged': {
    subject: 'certificate',
    level: 'problem',
    text: '{file} cannot be used: {reason}',
  },
  'certificate-not-issued': {
    subject: 'certificate',
    level: 'problem',
    text: 'no new certificate: {reason}',
  },
  'certificate-not-ordered': {
    subject: 'certificate',
    level: 'note',
    text: 'the authority has issued none for {names} yet: connections are encrypted with a self-signed one',
    fix: 'start the server, and follow the order: dp cert status',
  },
  'certificate-name-missing': {
    subject: 'certificate',
    level: 'note',
    text: 'the certificate is not for {names} yet',
    fix: 'start the server again: it orders one for all names',
  },
  'certificate-expired': {
    subject: 'certificate',
    level: 'problem',
    text: 'the certificate has expired on {until}',
    fix: 'dp cert renew',
  },
  'certificate-warning': {
    subject: 'certificate',
    level: 'problem',
    text: '{problem}',
    fix: 'renew it (certbot renew), or create one: dp cert create   (a running server loads the new one without a restart)',
  },
  'certificate-for-other-name': {
    subject: 'certificate',
    level: 'note',
    text: '{certificate} is not valid for the name {name}: browsers refuse it, desktop clients pin it',
    fix: 'let the server obtain one for that name: --acme {name} instead of --ssl-cert and --ssl-key',
  },

  'name-unresolved': {
    subject: 'name',
    level: 'problem',
    text: 'cannot resolve {name}: {reason}',
    fix: 'add an address record for {name} in the DNS of your domain, then check it: getent ahosts {name}',
  },
  'name-loopback': {
    subject: 'name',
    level: 'note',
    text: '{name} resolves to the loopback address here ({addresses}); its public address cannot be checked',
    fix: 'on another machine: getent ahosts {name}   (here, /etc/hosts overrides DNS)',
  },
  'name-resolves': { subject: 'name', level: 'ok', text: '{name} resolves to this machine ({addresses})' },
  'name-elsewhere': {
    subject: 'name',
    level: 'note',
    text: '{name} resolves to {addresses}, which is not an address of this machine ({known})',
    fix: 'correct the address record, unless a router or proxy forwards the port to this machine',
  },

  'service-answers': { subject: 'services', level: 'ok', text: '{service} {url}: {answer}' },
  'login-server-fails': {
    subject: 'services',
    level: 'problem',
    text: 'login server {url}: {answer}',
    fix: 'check --extauth; meanwhile, guests can log in if extauthfallback is on',
  },
  'report-server-fails': {
    subject: 'services',
    level: 'problem',
    text: 'report server {url}: {answer}',
    fix: 'check --report-url; meanwhile, reports are queued',
  },
  'list-server-fails': {
    subject: 'services',
    level: 'problem',
    text: 'list server {url}: {answer}',
    fix: 'dp listserver remove {entry}   if it no longer exists',
  },
  'ban-list-fails': {
    subject: 'services',
    level: 'problem',
    text: 'ban list {url}: {answer}',
    fix: 'dp config set extBansUrl=URL; meanwhile, the bans of the last fetch stay in force',
  },
  'clock-differs': {
    subject: 'clock',
    level: 'problem',
    text: 'the clocks of this machine and of {url} differ by {seconds} seconds',
    fix: 'timedatectl set-ntp true',
  },

  'websocket-accepts': {
    subject: 'websocket',
    level: 'ok',
    text: 'port {port} accepts WebSocket connections',
  },
  'websocket-silent': {
    subject: 'websocket',
    level: 'note',
    text: 'port {port} does not accept WebSocket connections: {answer}',
    fix: 'start the server and check again: dp serve',
  },
  'browsers-connect': { subject: 'websocket', level: 'ok', text: 'browsers can connect through {url}' },
  'browsers-blocked': {
    subject: 'websocket',
    level: 'problem',
    text: 'browsers cannot connect through {url}: {answer}',
    fix: 'let TCP port {port} in, and look at the certificate: dp doctor --only certificate',
  },
  'proxy-blocks-browsers': {
    subject: 'websocket',
    level: 'problem',
    text: 'browsers cannot connect through {url}: {answer}',
    fix: 'pass /{path} on to http://127.0.0.1:{port} with upgrade (the guide has nginx and Caddy examples)',
  },

  'start-value-invalid': { subject: 'settings', level: 'problem', text: '{problem}' },
  'no-contradictions': { subject: 'settings', level: 'ok', text: 'no contradictions' },
} as const satisfies Readonly<Record<string, FindingRow>>;

export type FindingCode = keyof typeof findings;

type FixOf<Row> = Row extends { fix: infer Fix } ? Fix : '';
type ParametersOf<Row extends FindingRow> = {
  readonly [Name in ParameterOf<Row['text']> | ParameterOf<FixOf<Row>>]: ErrorValue | Reason;
};
/** `advice`: what the cause of a finding without a fix says is to be done. */
type Advice<Row> = Row extends { fix: string } ? unknown : { readonly advice?: string | undefined };

/** The finding of a row with these parameters. */
export function finding<Code extends FindingCode>(
  code: Code,
  parameters: ParametersOf<(typeof findings)[Code]> & Advice<(typeof findings)[Code]>,
): Finding {
  const { subject, level, text, fix }: FindingRow = findings[code];
  const values: Readonly<Record<string, ErrorValue | Reason | undefined>> = parameters;
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Record<string, ErrorValue | Reason>;
  const done = fix === undefined ? given.advice : fillTemplate(fix, given);
  return {
    code,
    subject,
    level,
    text: fillTemplate(text, given),
    ...(done !== undefined && { fix: String(done) }),
  };
}
