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
    text: 'cannot listen on port {port}: permission denied',
    hint: 'choose another port with {flag}; ports below 1024 are reserved',
  },
  'address-not-here': {
    kind: 'fault',
    text: 'this computer has no address {host}',
    hint: 'leave out {flag} to use all addresses',
  },
  'not-listening': { kind: 'fault', text: 'cannot listen on {where}: {reason}' },
  'socket-path-too-long': {
    kind: 'fault',
    text: 'the path of the socket is too long: {path}',
    hint: 'choose a path of at most {bytes} bytes',
  },
  'socket-in-use': { kind: 'conflict', text: 'another server is listening on {socket}' },
  'socket-without-folder': {
    kind: 'fault',
    text: "no usable folder for this server's socket",
    hint: 'make this user the owner of {folder}, with mode 700',
  },
  'too-many-sockets': {
    kind: 'badInput',
    text: 'too many file descriptors received',
    hint: 'list at most three sockets in the socket unit: Drawpile, admin, WebSocket; the one of --web-port needs FileDescriptorName=web',
  },

  // ---- certificates ----
  'certificate-not-found': {
    kind: 'fault',
    text: 'there is no {what} at {file}',
    hint: 'create a self-signed certificate with: dp cert create',
  },
  'certificate-unreadable': {
    kind: 'fault',
    text: 'cannot read the {what} {file}: {reason}',
    hint: 'check what is there with: ls -l {file}',
  },
  'certificate-damaged': { kind: 'fault', text: 'the certificate {file} is damaged' },
  'certificate-missing': {
    kind: 'fault',
    text: 'there is no certificate in {file}',
    hint: 'use a PEM file, with a block that begins with -----BEGIN CERTIFICATE-----',
  },
  'certificate-not-usable': { kind: 'fault', text: 'cannot use the certificate {file}: {reason}' },
  'key-encrypted': {
    kind: 'fault',
    text: 'cannot use the private key in {file}: it is protected by a passphrase',
    hint: 'remove the passphrase: openssl pkey -in KEY -out KEY2',
  },
  'key-missing': {
    kind: 'fault',
    text: 'there is no usable private key in {file}',
    hint: 'use a PEM file, with a block that begins with -----BEGIN PRIVATE KEY-----',
  },
  'key-of-other-certificate': {
    kind: 'fault',
    text: 'the key {key} does not belong to the certificate {certificate}',
    hint: "put the server's own certificate first in its file; inspect it with: dp cert show",
  },
  'certificate-expired': {
    kind: 'badInput',
    text: 'the certificate expired on {day}',
    hint: 'use a newer one',
  },
  'certificate-not-yet-valid': {
    kind: 'badInput',
    text: 'the certificate is not valid before {day}',
    hint: 'check the clock of this machine',
  },
  'certificate-other-names': {
    kind: 'badInput',
    text: 'the certificate is not for {host}; it is for: {names}',
    hint: 'use one of its names as the host name, or another certificate',
  },
  'certificate-file-not-found': {
    kind: 'notFound',
    text: 'there is no certificate at {file}',
    hint: 'create one with: dp cert create NAME',
  },
  'certificate-file-damaged': {
    kind: 'badInput',
    text: 'there is no readable certificate in {file}',
    hint: 'use a PEM file, with a block that begins with -----BEGIN CERTIFICATE-----',
  },
  'certificate-of-others': {
    kind: 'conflict',
    text: '{file} was not created by dp: it is signed by {issuer}',
    hint: 'choose other files with --ssl-cert and --ssl-key, or replace it with --force',
  },
  'certificate-valid': {
    kind: 'conflict',
    text: '{warning}',
    hint: 'add --force to replace it anyway',
  },
  'key-not-usable': {
    kind: 'fault',
    text: 'cannot use the key {file}: {reason}',
    hint: 'create a new one with --new-key; users must accept it',
  },
  'host-name-invalid': {
    kind: 'badInput',
    text: "invalid host name or address '{name}'",
    hint: 'leave out http:// and the port, as in draw.example.com or 192.0.2.7',
  },
  'host-name-wildcard': {
    kind: 'badInput',
    text: "'{name}' is a wildcard, not a host name",
    hint: 'name the host itself, as in draw.example.com',
  },
  'websocket-with-self-signed': {
    kind: 'badInput',
    text: 'a port for browsers needs a certificate that they accept: they refuse self-signed ones, and so does Drawpile 2.3 over WebSocket',
    hint: 'use --tls files with a certificate of a certificate authority, --tls none behind a proxy, or --web-port 0 --websocket-port 0',
  },
  'tls-without-files': {
    kind: 'badInput',
    text: '--tls files needs a certificate and its key',
    hint: 'add --ssl-cert FILE and --ssl-key FILE',
  },
  'tls-with-files': {
    kind: 'badInput',
    text: '--tls {tls} cannot be combined with --ssl-cert and --ssl-key',
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
    hint: 'name one, e.g. --user dp',
  },
  'user-not-changeable': { kind: 'fault', text: 'cannot change to another user on this system' },
  'user-still-root': { kind: 'fault', text: 'cannot give up root privileges for the user {user}' },
  'user-may-not-read': {
    kind: 'refused',
    text: '{file}: {user} cannot read it',
    hint: 'allow its group to read it: chgrp {group} {word} && chmod g+r {word}',
  },
  'user-may-not-write': {
    kind: 'refused',
    text: '{folder}: {user} cannot write to it',
    hint: 'change its owner: chown -R {owner} {word}',
  },
  'user-may-not-pass': {
    kind: 'refused',
    text: '{folder}: {user} cannot pass through {closed}',
    hint: 'allow it to pass: chmod o+x {word}   (or choose a folder elsewhere, e.g. {other})',
  },

  // ---- services ----
  'service-without-root': {
    kind: 'refused',
    text: 'only root can install a service',
    hint: 'run: sudo dp service install',
  },
  'service-in-closed-folder': {
    kind: 'refused',
    text: '{folder} is closed to other users: a service cannot start the program in it',
    hint: 'install dp and node where everyone can read them (such as /opt), or: chmod o+x {folder}',
  },
  'service-exists': {
    kind: 'conflict',
    text: '{file} already exists and is different',
    hint: "compare it with 'dp service print', then add --force; or keep your changes with: systemctl edit {service}",
  },
  'service-user-not-made': {
    kind: 'fault',
    text: 'cannot create the user {user}: {reason}',
    hint: 'create it with: useradd {words}',
  },
  'service-path-relative': {
    kind: 'badInput',
    text: '{place} is a relative path, but services start in /',
    hint: 'write {absolute}',
  },
  'service-socket-order': {
    kind: 'badInput',
    text: 'with --socket the WebSocket port is the third socket, and the admin API the second',
    hint: 'add --web-admin-port PORT to the flags behind --',
  },
  'service-flag-unknown': {
    kind: 'badInput',
    text: 'there is no flag {flag} of dp serve',
    hint: 'list its flags with: dp serve --help',
  },
});
