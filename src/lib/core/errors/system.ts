// TABLE of errors of the system around a server: ports, sockets, certificates, users, services.

import { errorRows } from './rows.js';

export const systemErrors = errorRows({
  'port-in-use': {
    kind: 'fault',
    text: 'port {port} is in use by another program',
    hint: 'stop the other program, or choose another port with {flag}',
  },
  'port-refused': {
    kind: 'fault',
    text: 'no permission to listen on port {port}',
    hint: 'choose another one with {flag}; ports below 1024 are reserved',
  },
  'address-not-here': {
    kind: 'fault',
    text: 'this computer has no address {host}',
    hint: 'leave out {flag} to use all addresses',
  },
  'not-listening': { kind: 'fault', text: 'cannot listen on {where}: {reason}' },
  'admin-api-not-listening': {
    kind: 'fault',
    text: 'the admin API cannot listen on {where}: {reason}',
    hint: 'choose another port with --web-admin-port, or 0 for none',
  },
  'socket-path-too-long': {
    kind: 'fault',
    text: 'the path of the socket is too long: {path}',
    hint: 'choose one of {bytes} bytes at most',
  },
  'socket-in-use': { kind: 'conflict', text: 'another server listens on {socket}' },
  'socket-without-folder': {
    kind: 'fault',
    text: 'there is no folder for the socket of this server',
    hint: 'make {folder} yours, with mode 700',
  },
  'too-many-sockets': {
    kind: 'badInput',
    text: 'too many file descriptors received',
    hint: 'list at most three sockets in the socket unit: Drawpile, admin, WebSocket',
  },

  // ---- certificates ----
  'certificate-not-found': {
    kind: 'fault',
    text: 'there is no {what} at {file}',
    hint: 'make a certificate of your own with: dp cert create',
  },
  'certificate-unreadable': { kind: 'fault', text: 'cannot read the {what} {file}: {reason}' },
  'certificate-damaged': { kind: 'fault', text: 'the certificate {file} is damaged' },
  'certificate-missing': {
    kind: 'fault',
    text: 'there is no certificate in {file}',
    hint: 'give a text file with a block that begins with -----BEGIN CERTIFICATE-----',
  },
  'certificate-not-usable': { kind: 'fault', text: 'cannot use the certificate {file}: {reason}' },
  'key-encrypted': {
    kind: 'fault',
    text: 'there is no usable private key in {file}: it is protected by a passphrase',
    hint: 'store it without one (openssl pkey -in KEY -out KEY2)',
  },
  'key-missing': {
    kind: 'fault',
    text: 'there is no usable private key in {file}',
    hint: 'give a text file with a block that begins with -----BEGIN PRIVATE KEY-----',
  },
  'key-of-other-certificate': {
    kind: 'fault',
    text: 'the key {key} does not belong to the certificate {certificate}',
    hint: "put the server's own certificate first in its file; look at it with: dp cert show",
  },
  'certificate-file-not-found': {
    kind: 'notFound',
    text: 'there is no file of a certificate at {file}',
    hint: 'make one with: dp cert create NAME',
  },
  'certificate-file-damaged': {
    kind: 'badInput',
    text: 'there is no readable certificate in {file}',
    hint: 'give a text file with a block that begins with -----BEGIN CERTIFICATE-----',
  },
  'certificate-of-others': {
    kind: 'conflict',
    text: '{file} was signed by somebody else ({issuer})',
    hint: 'choose other files with --ssl-cert and --ssl-key, or replace it with --force',
  },
  'certificate-valid': {
    kind: 'conflict',
    text: '{warning}',
    hint: 'add --force to replace it all the same',
  },
  'key-not-usable': {
    kind: 'fault',
    text: 'cannot use the key {file}: {reason}',
    hint: 'create a new one with --new-key; users have to accept it',
  },
  'host-name-invalid': {
    kind: 'badInput',
    text: "'{name}' is no host name or address",
    hint: 'write it without http:// and without a port, as in draw.example.com or 192.0.2.7',
  },
  'websocket-with-self-signed': {
    kind: 'badInput',
    text: 'a WebSocket port needs a certificate that browsers accept: they refuse self-signed ones, and so does Drawpile 2.3',
    hint: 'use --tls files with a certificate of a certificate authority, --tls none behind a proxy, or --websocket-port 0',
  },
  'tls-without-files': {
    kind: 'badInput',
    text: '--tls files names no files',
    hint: 'add --ssl-cert FILE and --ssl-key FILE',
  },
  'tls-with-files': {
    kind: 'badInput',
    text: '--tls {tls} takes no files',
    hint: 'leave out --ssl-cert and --ssl-key',
  },

  // ---- users of the system ----
  'user-root': {
    kind: 'refused',
    text: '--user root: the server never runs as root',
    hint: 'leave out --user, or name an ordinary user, e.g. --user nobody',
  },
  'user-without-root': {
    kind: 'refused',
    text: '--user {user}: only root can start a server for another user',
    hint: 'leave out --user, or start it with sudo',
  },
  'user-not-found': {
    kind: 'badInput',
    text: '--user {user}: there is no such user',
    hint: 'add it with: useradd --system {user}',
  },
  'user-not-ordinary': {
    kind: 'badInput',
    text: '--user {user}: the server needs an ordinary user',
    hint: 'name one, for example --user dp',
  },
  'user-not-changeable': { kind: 'fault', text: 'this system has no users to change to' },
  'user-still-root': { kind: 'fault', text: "root's rights could not be given up for {user}" },
  'user-may-not-read': {
    kind: 'refused',
    text: '{file}: {user} may not read it',
    hint: 'let its group read it: chgrp {group} {word} && chmod g+r {word}',
  },
  'user-may-not-write': {
    kind: 'refused',
    text: '{folder}: {user} may not write here',
    hint: 'give it to that user: chown -R {owner} {word}',
  },
  'user-may-not-pass': {
    kind: 'refused',
    text: '{folder}: {user} may not pass through {closed}',
    hint: 'let it pass: chmod o+x {word}   (or choose a folder elsewhere, e.g. {other})',
  },

  // ---- services ----
  'service-without-root': {
    kind: 'refused',
    text: 'only root can install a service',
    hint: 'run: sudo dp service install',
  },
  'service-in-closed-folder': {
    kind: 'refused',
    text: '{folder} is closed to others, so a service could not start the program in it',
    hint: 'put dp and node where everyone may read them (such as /opt), or: chmod o+x {folder}',
  },
  'service-exists': {
    kind: 'conflict',
    text: '{file} is there already and different',
    hint: "compare it with 'dp service print', then add --force; or keep your changes with: systemctl edit {service}",
  },
  'service-user-not-made': {
    kind: 'fault',
    text: 'cannot make the user {user}: {reason}',
    hint: 'make it yourself: useradd {words}',
  },
  'service-path-relative': {
    kind: 'badInput',
    text: '{place} is relative, and a service starts in /',
    hint: 'write {absolute}',
  },
  'service-socket-order': {
    kind: 'badInput',
    text: 'with --socket the WebSocket port is the third socket, and the admin API the second',
    hint: 'add --web-admin-port PORT to the flags behind --',
  },
  'service-flag-unknown': {
    kind: 'badInput',
    text: 'dp serve has no flag {flag}',
    hint: "see all of them with 'dp serve --help'",
  },
});
