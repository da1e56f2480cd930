// TABLE of reasons: what stands in an error, a finding or an answer for {reason} or {problem}, with its code.
// An error carries the code of its reason beside its own code. To add one: a row here, then `reason('code', values)`.
// What other programs say (the system, an authority, ffmpeg) has no row: it is passed on as it is.

export interface ReasonRow {
  /** Ends a sentence: "cannot use FILE: it is UTF-32". `{name}` stands for a value. */
  readonly text: string;
  /** What to do, where there is something better than the hint of the error. Begins with a verb. */
  readonly hint?: string;
}

function reasonRows<const Rows extends Readonly<Record<string, ReasonRow>>>(rows: Rows): Rows {
  return rows;
}

const saveAsUtf8 = 'save the file as UTF-8';
const saveWithLineEnds = 'save the file with line ends of Unix (LF) or Windows (CR LF)';

const bansReasons = reasonRows({
  'ban-line-values': { text: '{values} values for {columns} columns' },
  'ban-line-column': { text: "unknown column '{title}'" },
  'ban-line-quote': { text: 'a quotation mark has no end' },
});

const textReasons = reasonRows({
  'text-place': { text: 'line {line}, byte {offset}: {problem}' },
  'thread-ended': { text: 'its thread has ended' },
  'text-is-utf32': { text: 'it is UTF-32', hint: saveAsUtf8 },
  'text-wide-without-mark': {
    text: 'it contains NUL bytes, as UTF-16 without its byte order mark does',
    hint: saveAsUtf8,
  },
  'text-nul-byte': {
    text: 'it contains a NUL byte',
    hint: 'remove the NUL byte; the file may be damaged',
  },
  'text-not-utf8': {
    text: 'it is not UTF-8',
    hint: `${saveAsUtf8}; if it is Latin-1: iconv -f ISO-8859-1 -t UTF-8 OLD > NEW`,
  },
  'text-utf16-cut': { text: 'it is UTF-16 with half a character at its end', hint: saveAsUtf8 },
  'text-utf16-nul': { text: 'it is UTF-16 and contains a NUL', hint: saveAsUtf8 },
  'text-utf16-half': { text: 'it is UTF-16 with half a character', hint: saveAsUtf8 },
  'text-utf16-mixed': { text: 'it is UTF-16 with text of another encoding in it', hint: saveAsUtf8 },
  'text-lone-return': {
    text: 'a carriage return stands where no line ends, as in files of old Macs',
    hint: `${saveWithLineEnds}: tr '\\r' '\\n' < OLD > NEW`,
  },
  'text-odd-line-ends': { text: 'its lines end with characters that end none', hint: saveWithLineEnds },
});

const fileReasons = reasonRows({
  'file-is-other': { text: 'it is {what}, not a regular file' },
  'file-too-large': { text: 'it is too large: more than {bytes} bytes' },
  'folder-is-other': { text: 'it is {what}, not a folder' },
  'folder-missing': { text: 'it does not exist' },
  'folder-place-is-other': { text: '{place} is {what}, not a folder' },
  'folder-takes-none': { text: 'no folders can be made in {folder}' },
  'folder-not-there': { text: 'there is no folder {folder}' },
  'path-reason': { text: '{path}: {problem}' },
  'link-to-nowhere': { text: 'it is a link that leads nowhere' },
  'place-link-to-nowhere': { text: '{place} is a link that leads nowhere' },
  'links-in-circle': { text: 'its links lead in a circle' },
  'path-through-file': { text: 'a part of its path is not a folder' },
  'input-is-terminal': { text: 'standard input is a terminal', hint: 'pass a file to it through a pipe' },
  'folder-of-file-missing-here': {
    text: 'its folder does not exist',
    hint: 'create it with: mkdir -p {folder}',
  },
  'read-only': { text: 'the file system is read-only', hint: 'move the file to a writable file system' },
  'permission-denied': { text: 'permission denied' },
  'permission-denied-on-file': {
    text: 'permission denied',
    hint: 'check its owner and mode with: ls -l {file}',
  },
  'disk-is-full': { text: 'the disk is full' },
  'quota-used-up': { text: 'the disk quota of this user is used up' },
  'not-writable': { text: 'it is not writable' },
  'file-gone': { text: 'it was deleted or moved' },
});

const nameReasons = reasonRows({
  'name-invisible': { text: 'a user name must have characters that can be seen' },
  'name-too-long': { text: 'a user name has at most {most} characters, this one has {count}' },
  'name-with-quote': { text: 'a user name must not contain a double quote' },
  'host-without-dot': { text: 'it has no dot' },
  'host-not-public': { text: 'names that end with .{ending} are not public' },
  'system-id-form': { text: 'a system id has 32 hexadecimal digits' },
});

const addressReasons = reasonRows({
  'prefix-unreadable': { text: "'{prefix}' is not a prefix length" },
  'address-unreadable': { text: "'{address}' is not an IP address" },
  'prefix-beyond-ipv4': { text: 'prefix length {bits} is out of range: 0 to 32 for IPv4' },
  'prefix-beyond-ipv6': { text: 'prefix length {bits} is out of range: 0 to 128 for IPv6' },
  'prefix-beyond-mapped': {
    text: 'prefix length {bits} is out of range: 96 to 128 for an IPv4-mapped address',
  },
  'prefix-of-all': { text: 'prefix length {bits} stands for all addresses' },
  'ban-of-address': { text: '{address} itself is banned' },
  'ban-of-range': { text: '{address} is one of {count} addresses from {first} to {last}' },
  'proxy-without-client': {
    text: 'the proxy {proxy} sends {mark}, but no address of the client in {headers}',
  },
  'proxy-client-unreadable': {
    text: "the proxy {proxy} sends no readable address of the client in {header}: '{text}'",
  },
});

const authorityReasons = reasonRows({
  'authority-account-without-address': { text: 'it gave the account no address' },
  'authority-order-without-address': { text: 'it gave the order no address' },
  'authority-token-invalid': { text: 'its token is not one' },
  'authority-too-slow': { text: 'no result within {minutes} minutes' },
  'authority-without-reason': { text: 'the order is invalid, without a reason' },
  'authority-status': { text: 'it answers with status {status}' },
  'authority-no-certificate': { text: 'what it issued is not a certificate: {message}' },
  'authority-other-names': { text: 'it issued a certificate for {names}' },
  'authority-no-name': { text: 'it issued a certificate for no name' },
  'authority-certificate-not-valid': { text: 'its certificate is not valid then ({message})' },
  'server-stopping': { text: 'this server is stopping' },
  'successor-failed': { text: 'the new process cannot take over: {problem}' },
  'successor-ended': { text: 'the new process ended before it served ({how})' },
  'successor-late': { text: 'the new process was not ready within {ms} ms' },
  'successor-other-version': {
    text: 'the new program cannot continue with what this one knows of its users',
    hint: 'stop the server (dp stop) and start it again: users are disconnected',
  },
  'restart-unanswered': { text: 'the server does not answer after the restart' },
  'restart-standard-input': { text: 'its settings came from standard input, which cannot be read twice' },
  'restart-in-memory': {
    text: 'settings, accounts, bans, tokens, notes or reports that are only in its memory would be lost',
    hint: 'start it with --data FOLDER, which stores them',
  },
  'restart-unsupervised': {
    text: 'whoever started it would take it for stopped; it does not run as a systemd service',
  },
  'restart-too-busy': { text: 'in {ms} ms there was no moment at which everything was stored' },
  'order-interrupted': { text: 'the server was stopped meanwhile' },
  'unexpected-error': { text: 'internal error: {message}' },
  'file-incomplete': { text: 'it is not complete' },
  'directory-incomplete': { text: 'it lacks newNonce, newAccount or newOrder' },
  'directory-without-nonce': { text: 'it gives no nonce' },
  'pair-cut': { text: 'it is cut off' },
  'pair-without-certificate': { text: 'there is no certificate' },
  'pair-without-key': { text: 'there is no private key' },
  'pair-of-others': { text: 'its key is not that of its certificate' },
  'key-of-other-kind': { text: 'it is not a P-256 key' },
});

const programsReasons = reasonRows({
  'program-ended': { text: 'it ended with {status}' },
  'module-for-other-node': {
    text: 'it was built for another Node (modules of version {built}, this one has {wanted})',
  },
  'module-missing': { text: 'it is missing: it was installed with another Node, or could not be built' },
});

const requestsReasons = reasonRows({
  'request-address-invalid': { text: 'not an http or https address: {url}' },
  'request-too-slow': { text: 'no answer within {seconds} seconds' },
  'request-private-network': {
    text: 'the address leads to a private network, which this server does not allow',
  },
  'connection-refused': { text: 'Connection refused' },
  'connection-closed': { text: 'Connection closed' },
  'connection-timed-out': { text: 'Connection timed out' },
  'host-not-found': { text: 'Host {host} not found' },
  'host-not-looked-up': { text: 'Host {host} cannot be looked up at the moment' },
  'host-unreachable': { text: 'Host {host} cannot be reached' },
  'certificate-of-host-expired': { text: 'the certificate of {host} has expired' },
  'certificate-of-other-host': { text: 'the certificate of {host} is for another name' },
  'redirects-too-many': { text: 'Too many redirects' },
  'redirect-no-address': { text: 'the server redirects to something that is no web address' },
  'redirect-to-http': { text: 'the server redirects from https to http' },
  'server-moved': { text: 'the server says that it moved to {origin}: use that address' },
  'answer-too-large': { text: 'the answer is larger than {bytes} bytes' },
  'answer-cut': { text: 'the connection was closed in the middle of the answer' },
  'answer-not-http': { text: 'the answer is not HTTP' },
  'answer-not-json': { text: 'its reply is not JSON' },
  'answer-no-object': { text: 'Unparseable response: it is not a JSON object' },
  'answer-status': { text: 'it replied {status}' },
  'report-answer-status': { text: 'the report server replied {status}' },
  'reports-disabled': { text: 'not enabled' },
  'report-server-down': { text: 'the report server is down' },
  'list-network-error': { text: 'Network error: {problem}' },
  'list-answer-status': { text: 'Network error: server replied {status}' },
  'list-answer-gone': { text: 'ERROR 410 GONE' },
  'list-refusal-unreadable': {
    text: 'Http error {status} but response body was unparseable: it is not a JSON object',
  },
  'list-refusal-unexplained': { text: 'Http error {status} (no explanation given)' },
  'list-without-reason': { text: 'no reason given' },
});

const sessionsReasons = reasonRows({
  'kick-of-oneself': { text: 'you cannot kick yourself' },
  'kick-of-moderator': { text: 'moderators cannot be kicked' },
  'kick-of-operator': { text: 'deputies cannot kick operators' },
  'kick-of-trusted': { text: 'deputies cannot kick trusted users' },
  'ban-not-possible': { text: 'this user cannot be banned' },
  'ban-without-marks': { text: 'this user could not be banned' },
  'ban-there-already': { text: 'this user is already banned' },
  'ban-list-full': { text: 'the ban list of this session is full; remove a ban first' },
  'mute-of-moderator': { text: 'moderators cannot be muted' },
  'moderator-is-operator': { text: 'moderators are always operators' },
  'invites-disabled': { text: 'invites are disabled in this session' },
  'invite-of-operators': { text: 'only operators can invite operators' },
  'invite-of-trusted': { text: 'only trusted users can invite trusted users' },
  'invites-too-many': { text: 'there are {count} invites already, remove one first' },
  'invite-unknown': { text: 'no such invite' },
  'list-url-invalid': { text: 'invalid API URL' },
  'listing-of-unlisted': { text: 'this session is unlisted, it cannot be announced' },
  'listing-private': { text: 'private listings are not supported' },
  'message-beyond-limit': { text: 'the message is too long' },
  'passwords-busy': { text: 'too many passwords are being set at the moment, try again later' },
  'checks-busy': { text: 'too many passwords are being checked at the moment, try again later' },
  'value-invalid': {
    text: 'invalid value {value} for {setting}: expected {expected}',
    hint: 'write for example: {setting}={example}',
  },
  'secret-value-invalid': {
    text: 'invalid value for {setting}: expected {expected}',
    hint: 'write for example: {setting}={example}',
  },
  'setting-refused': { text: '{setting}: {problem}' },
  'setting-of-moderators': { text: 'only moderators may change it' },
  'guests-cannot-exclude-guests': { text: 'only registered users can exclude guests' },
  'websession-flag-needed': { text: 'the WEBSESSION flag is needed to change it' },
  'browser-locking-itself-out': { text: 'a web browser cannot lock itself out' },
  'server-setting-off': { text: 'the server setting {name} is off' },
  'server-setting-on': { text: 'the server setting {name} is on' },
  'command-unknown-here': { text: 'unknown command' },
  'command-too-often': { text: 'sent too often, try again in a minute' },
  'arguments-miscounted': { text: 'expected {wanted} arguments, got {count}' },
  'right-of-deputies': { text: 'not a session owner or a deputy' },
  'right-of-operators': { text: 'not a session owner' },
  'right-of-moderators': { text: 'not a moderator' },
  'list-expected': { text: 'expected a list' },
  'list-too-long': { text: 'more than {most} entries' },
  'opword-missing': { text: 'no opword set' },
  'password-wrong': { text: 'incorrect password' },
  'client-incompatible': { text: 'incompatible client' },
  'client-of-other-version': { text: 'your client is of another version than this session' },
  'reset-by-ghost': { text: 'ghosts cannot reset a session' },
  'reset-not-now': { text: 'the session cannot be reset now' },
  'stream-not-yours': { text: 'no streamed reset of yours is in progress' },
  'user-id-invalid': { text: 'invalid user id' },
  'user-not-here': { text: 'user not found' },
  'user-expected': { text: 'expected a user id or name' },
  'stream-not-requested': { text: 'no autoreset was requested' },
  'stream-of-another-user': { text: 'the autoreset was requested from another user' },
  'stream-not-allowed': { text: 'they may not reset the session' },
  'stream-other-request': { text: 'this is not the autoreset that was requested' },
  'stream-in-progress': { text: 'another streamed reset is in progress' },
  'session-out-of-space': { text: 'the session is out of space' },
  'stream-over': { text: 'not streaming' },
  'stream-message-type': { text: 'message of type {type} in the image' },
  'stream-chat-malformed': { text: 'malformed chat message in the image' },
  'stream-image-too-large': { text: 'the image exceeds the size limit of the session' },
  'stream-aborted': { text: 'the streamed reset was aborted' },
  'stream-last-message-cut': { text: 'the last message is incomplete' },
  'stream-image-empty': { text: 'the image is empty' },
  'stream-messages-miscounted': { text: '{count} messages arrived instead of {wanted}' },
});

const settingsReasons = reasonRows({
  'flag-word-unclear': { text: 'only true and 1 turn it on, everything else turns it off' },
  'not-count': { text: 'not a whole number' },
  'not-duration': { text: 'not a duration' },
  'not-size': { text: 'not a size' },
  'size-too-large': { text: 'too large' },
  'nul-in-text': { text: 'it contains a NUL character' },
  'word-unknown': { text: "unknown word '{word}'" },
  'not-url': { text: 'not an http(s) URL' },
  'not-protocol-version': { text: 'not a protocol version' },
  'not-key': { text: 'not 32 bytes in base64' },
  'out-of-range': { text: 'it must be from {least} to {most}' },
  'value-not-plain': { text: 'neither a text nor a number nor true or false' },
});

const storedSettingsReasons = reasonRows({
  'stored-setting-unknown': { text: 'there is no such setting' },
  'stored-value-invalid': { text: "'{text}': {problem}" },
  'stored-setting-alias': {
    text: 'read as {name}, but drawpile-srv does not know this name',
    hint: 'use the name {name}',
  },
  'section-unknown': { text: 'unknown section; the following lines belong to [{section}]' },
  'line-without-effect': { text: 'it has no effect', hint: 'write NAME = VALUE' },
  'ban-of-single-address': {
    text: "only the single address is banned, because '{bits}' is not a prefix length",
  },
  'ban-without-effect': {
    text: 'it has no effect: {problem}',
    hint: 'remove it, then ban ADDRESS or ADDRESS/BITS',
  },
  'ban-of-mapped-address': {
    text: 'prefix length {bits} counts the bits of a mapped address; applied as {meant}',
    hint: 'remove it, then ban {meant}',
  },
  'ban-reaction-unknown': {
    text: "invalid reaction '{reaction}': treated as 'normal'",
    hint: 'use normal, neterror, garbage, hang or timer',
  },
  'ban-of-no-system-id': { text: 'it has no effect: not a system id' },
  'ban-of-no-account': { text: 'it has no effect: not an account number' },
  'account-line-ignored': { text: 'it is ignored: {problem}' },
  'account-line-parts': { text: 'it is ignored: expected a name, a password and flags' },
  'account-without-password': { text: 'it has no password', hint: 'try: dp user passwd {name}' },
  'account-not-usable': { text: 'nobody can log in with it: {problem}' },
  'account-flag-unknown': { text: "unknown flag '{flag}'", hint: 'write {meant}' },
  'account-replaced': { text: 'it replaces the one in line {line}' },
  'password-plain-empty': { text: "no password after 'plain;'", hint: 'write plain;PASSWORD' },
  'password-not-sha1': {
    text: 'not a salted SHA-1 password',
    hint: 'write s+sha1;SALT;HASH, both in hex; HASH is SHA1(salt bytes followed by the password)',
  },
  'password-not-pbkdf2': {
    text: 'not a PBKDF2 password',
    hint: 'write pbkdf2;1;SALT;KEY, both in base64; KEY is 64 bytes of PBKDF2-HMAC-SHA512 with 20000 rounds',
  },
  'password-not-argon2': {
    text: 'not an Argon2 password',
    hint: 'write it with: dp user passwd NAME',
  },
  'password-form-unknown': {
    text: 'not a known form of a password',
    hint: 'write plain;PASSWORD for a plain-text password, or write it with: dp user passwd NAME',
  },
  'settings-file-missing': {
    text: 'it does not exist; all settings have their defaults',
    hint: 'check the path; the file is loaded as soon as it exists',
  },
  'settings-of-before': { text: '{problem}; the settings read before stay in force' },
});

const inputsReasons = reasonRows({
  'input-half-character': { text: 'half of a character is no text' },
  'input-not-one-of': { text: 'expected one of: {words}' },
  'input-argument-unknown': { text: 'there is no such argument' },
  'input-missing': { text: 'is missing' },
  'input-needs-other': { text: 'has no effect without {other}' },
  'input-not-expected': { text: 'expected {expected}' },
  'input-no-match': { text: 'expected a text that matches {pattern}' },
  'input-empty': { text: 'must not be empty' },
  'input-too-short': { text: 'expected at least {least} characters' },
  'input-too-long': { text: 'expected at most {most} characters, not {count}' },
  'input-too-many-bytes': { text: 'expected at most {most} bytes' },
  'input-place': { text: '{place}: {problem}' },
  'input-not-text': { text: '{name} must be a text' },
});

const storedReasons = reasonRows({
  'template-empty': { text: 'it contains no message' },
  'template-not-hashed': { text: 'cannot hash its password: {problem}' },
  'history-no-recording': { text: 'it is not a recording: the first bytes are not DPREC' },
  'history-cut-in-header': { text: 'it ends within its header' },
  'history-header-unreadable': { text: 'its header cannot be read: {message}' },
  'history-header-without-version': { text: 'its header has no version' },
  'history-not-there': { text: 'it is missing' },
  'history-of-other-protocol': { text: "protocol version '{protocol}' is not supported" },
  'history-empty': { text: 'the session is empty' },
  'history-of-none': { text: 'it has no history', hint: 'restore a backup with: dp backup restore FILE' },
  'history-reason': {
    text: '{file}: {problem}',
    hint: 'restore a backup with: dp backup restore FILE',
  },
  'history-truncated': { text: 'it was truncated: {left} of {bytes} bytes are left' },
  'history-differs': { text: 'its content differs from what this session wrote' },
  'history-differs-later': {
    text: 'after its first {bytes} bytes, its content differs from what this session wrote',
  },
  'journal-name': { text: 'its name is not that of a journal: ID.session' },
  'journal-without-file': { text: 'it has no FILE line' },
  'journal-line': { text: 'line {line}: {problem}' },
  'journal-file-of-session': { text: "its FILE line names '{file}', which belongs to session '{session}'" },
  'journal-file-of-others': {
    text: "its FILE line names '{file}', which is not a file of this session",
  },
  'journal-same-file': { text: "it is the same file as {file}, which belongs to session '{session}'" },
  'journal-same-id': { text: 'it has the same id as session {session}' },
  'journal-same-alias': { text: "it has the same alias '{alias}' as session {session}" },
  'doubt-password-unknown': { text: 'its history does not show whether it had a password' },
  'doubt-password-lost': { text: 'its password was lost with the journal' },
  'doubt-opword-lost': { text: 'its operator password was lost with the journal' },
  'doubt-checksum': { text: 'line {line}: a checksum is damaged' },
  'doubt-line-checksum': { text: 'line {line} does not match its checksum' },
  'doubt-lines-checksum': { text: 'lines {first} to {last} do not match their checksum' },
  'doubt-before-line': { text: 'the lines before line {line} do not match the checksum there' },
  'doubt-password-cut': { text: 'the line that set its password is incomplete' },
  'doubt-opword-cut': { text: 'the line that set its operator password is incomplete' },
  'doubt-flags-cut': { text: 'the line that set its flags is incomplete' },
  'doubt-password-missing': {
    text: 'the last lines, which may have set its password, were not written',
  },
  'doubt-flags-missing': { text: 'the last lines, which may have set its flags, were not written' },
  'line-not-trusted': { text: 'not trusted, because adjacent lines are damaged' },
  'line-with-odd-bytes': { text: 'it contains bytes that no server writes' },
  'line-merged': { text: 'two lines are merged' },
  'line-with-password': { text: 'it contains a stored password' },
  'line-flag-unknown': { text: "unknown flag '{flag}'" },
  'line-flag-like': { text: "unknown flag '{flag}', which may have been {near}" },
  'line-word-like': { text: '{problem}, which may have been {near}' },
  'line-no-password': { text: 'not a stored password' },
  'line-not-0-or-1': { text: "'{text}' is neither 0 nor 1" },
  'line-not-ours': { text: 'not a line that dp writes' },
  'line-no-file-name': { text: "'{text}' is not a file name" },
  'line-without-address': { text: 'an address is missing' },
  'line-no-user': { text: 'not an id and a name' },
  'line-without-account': { text: 'an account is missing' },
  'line-no-account-name': { text: 'not an account and a name' },
  'line-without-invite': { text: 'an invite is missing' },
  'line-no-invite-use': { text: 'not an invite, a client and a name' },
  'line-word-unknown': { text: "unknown keyword '{word}'" },
  'line-no-number': { text: "'{text}' is not a number" },
  'line-no-ban': { text: 'not the five or six fields of a ban' },
  'line-no-invite': { text: 'not an invite, a time and a number of uses' },
});

const recordingsReasons = reasonRows({
  'recording-without-magic': { text: 'it does not begin with DPREC' },
  'recording-empty': { text: 'the file is empty' },
  'recording-in-utf16': { text: 'it is UTF-16', hint: saveAsUtf8 },
  'recording-metadata-empty': { text: 'the metadata at offset {offset} is empty' },
  'recording-metadata-no-json': { text: 'the metadata at offset {offset} is not JSON' },
  'recording-metadata-no-object': { text: 'the metadata at offset {offset} is not a JSON object' },
  'recording-cut-in-header': { text: 'it ends at offset {offset}, within the header' },
  'recording-neither-form': { text: 'it is neither text nor does it begin with DPREC' },
  'recording-without-lines': { text: 'no line of it is a message or a !key=value' },
  'recording-first-lines': { text: 'none of its first {count} lines is a message or a !key=value' },
  'recording-lone-return': {
    text: 'line {line} has carriage returns where lines should end',
    hint: saveWithLineEnds,
  },
  'canvas-of-8-bits': {
    text: 'sessions of 2.1 (dp:4.21) compute their pixels with 8 bits in another way, which is not built yet',
  },
  'canvas-version-unknown': { text: 'the version of its protocol is unknown' },
  'header-without-version': { text: 'the header names no version' },
  'header-version-invalid': { text: "'{version}' is no version like dp:4.25.1" },
  'header-version-unknown': { text: 'messages of version {version} are not known here' },
  'message-of-unknown-type': { text: 'message of the unknown type {type}' },
  'message-of-wrong-length': { text: 'message of type {type} with {bytes} bytes' },
});

/** By area, as docs/reference/errors.md lists them. */
export const reasonAreas = {
  texts: { title: 'Text files', rows: textReasons },
  files: { title: 'Files and folders', rows: fileReasons },
  names: { title: 'Names', rows: nameReasons },
  addresses: { title: 'Addresses', rows: addressReasons },
  authority: { title: 'Certificate authorities', rows: authorityReasons },
  programs: { title: 'Other programs', rows: programsReasons },
  requests: { title: 'Requests to other servers', rows: requestsReasons },
  sessions: { title: 'Sessions', rows: sessionsReasons },
  bans: { title: 'Bans in files', rows: bansReasons },
  settings: { title: 'Settings', rows: settingsReasons },
  storedSettings: { title: 'Stored settings, accounts and bans', rows: storedSettingsReasons },
  inputs: { title: 'Inputs of operations', rows: inputsReasons },
  stored: { title: 'Stored sessions', rows: storedReasons },
  recordings: { title: 'Recordings', rows: recordingsReasons },
} as const;

export const reasonCatalogue = {
  ...textReasons,
  ...fileReasons,
  ...nameReasons,
  ...addressReasons,
  ...authorityReasons,
  ...programsReasons,
  ...requestsReasons,
  ...sessionsReasons,
  ...bansReasons,
  ...settingsReasons,
  ...storedSettingsReasons,
  ...inputsReasons,
  ...storedReasons,
  ...recordingsReasons,
};

export type ReasonCode = keyof typeof reasonCatalogue;

export function reasonRow(code: ReasonCode): ReasonRow {
  return reasonCatalogue[code];
}

export function isReasonCode(text: unknown): text is ReasonCode {
  return typeof text === 'string' && Object.hasOwn(reasonCatalogue, text);
}
