// ident: who somebody is: a guest, the owner of an account here, or one whom another server vouches for
// (login.md §6, §7).
import { Buffer } from 'node:buffer';
import { type JsonObject, textOf } from '../protocol/command.js';
import { userNameProblem } from '../units.js';
import { externalAuthId, externalFlags } from './external-user.js';
import type { Login } from './login.js';
import type { Account, ExternalUser } from './needs.js';
import type { LoginStep } from './states.js';

const intents = ['guest', 'auth', 'extauth'] as const;
type Intent = (typeof intents)[number];

interface Request {
  name: string;
  /** Undefined: not given. */
  password: string | undefined;
  intent: Intent | undefined;
  token: string | undefined;
  avatar: Uint8Array;
}

export const ident: LoginStep = (login, { args, kwargs }) => {
  const request = read(login, args, kwargs);
  if (!request) return;
  const { needs } = login;
  const account = needs.accounts.find(request.name);
  if (account) {
    if (request.token !== undefined) {
      login.fail('extAuthError', 'This name belongs to an account of this server');
    } else if (request.intent !== undefined && request.intent !== 'auth') {
      mismatch(login, request.intent, 'auth');
    } else {
      identifyAccount(login, account, request);
    }
    return;
  }
  if (request.token !== undefined) {
    identifyByToken(login, request, request.token);
  } else if (needs.externalLogin.url !== undefined) {
    askOutside(login, request);
  } else if (needs.settings.get('allowGuests')) {
    if (request.intent !== undefined && request.intent !== 'guest') mismatch(login, request.intent, 'guest');
    else identifyGuest(login, request);
  } else if (!request.password) {
    // As if there were an account: nobody learns which names exist.
    askPassword(login);
  } else {
    login.checkPassword(
      accountTarget(request.name),
      (done, address) => needs.passwords.verify(request.password!, decoyHash, done, address),
      () => login.failPassword(),
    );
  }
};

const accountTarget = (name: string) => `account ${name.toLowerCase()}`;

/** Matches no password that anyone types; checked so that unknown names take as long as known ones. */
const decoyHash =
  'sodium;$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

function read(login: Login, args: readonly unknown[], kwargs: JsonObject): Request | undefined {
  const [name, password] = args;
  if (args.length < 1 || args.length > 2) {
    login.fail('syntax', 'Expected a user name and, for accounts, a password');
    return undefined;
  }
  if (typeof name !== 'string' || userNameProblem(name) !== undefined) {
    login.fail('badUsername', 'This user name is not valid');
    return undefined;
  }
  if (login.needs.nameRules.isForbidden(name)) {
    login.fail('forbiddenUsername', 'This user name is not allowed on this server');
    return undefined;
  }
  const intent = intents.find((each) => each === kwargs.intent);
  if (!intent && textOf(kwargs.intent) !== '') {
    login.fail('identError', 'Invalid ident intent');
    return undefined;
  }
  const mayHaveAvatar = login.needs.settings.get('customAvatars');
  return {
    name,
    password: typeof password === 'string' ? password : undefined,
    intent,
    token: typeof kwargs.extauth === 'string' ? kwargs.extauth : undefined,
    avatar: mayHaveAvatar ? Buffer.from(textOf(kwargs.avatar), 'base64') : new Uint8Array(),
  };
}

function askPassword(login: Login): void {
  login.result({ state: 'needPassword', message: 'Password needed' });
}

function mismatch(login: Login, intent: Intent, method: Intent, hasFallback = false): void {
  login.result({
    state: 'intentMismatch',
    message: 'Intent mismatch',
    intent,
    method,
    ...(hasFallback && { extauthfallback: true }),
  });
}

function identifyAccount(login: Login, account: Account, request: Request): void {
  if (account.isLocked) {
    login.fail('bannedName', 'This account is locked');
    return;
  }
  if (!request.password) {
    askPassword(login);
    return;
  }
  login.checkPassword(
    accountTarget(account.name),
    (done, address) => login.needs.passwords.verify(request.password!, account.password, done, address),
    (matches) => {
      if (!matches) {
        login.failPassword();
        return;
      }
      identified(login, {
        name: account.name,
        authId: account.authId,
        flags: account.flags,
        avatar: request.avatar,
        isGuest: false,
        message: 'Authenticated login OK!',
      });
    },
  );
}

function identifyGuest(login: Login, request: Request): void {
  identified(login, {
    name: request.name,
    authId: '',
    flags: [],
    avatar: request.avatar,
    isGuest: true,
    message: 'Guest login OK!',
  });
}

/** A name without an account here, while an external login server is set up. login.md §7.1 */
function askOutside(login: Login, request: Request): void {
  const { externalLogin, settings } = login.needs;
  if (!settings.get('allowGuests')) {
    demandToken(login, request);
    return;
  }
  login.wait<[Parameters<Parameters<typeof externalLogin.queryGuest>[1]>[0]]>(
    (done) => externalLogin.queryGuest(request.name, done, login.connection.ip),
    (answer) => {
      switch (answer) {
        case 'guest':
          if (request.intent !== undefined && request.intent !== 'guest')
            mismatch(login, request.intent, 'guest');
          else identifyGuest(login, request);
          return;
        case 'auth':
          demandToken(login, request);
          return;
        case 'outgroup':
          login.fail('extauthOutgroup', 'Your account is not in the group that may use this server');
          return;
        case 'banned':
          login.fail('extauthLocked', 'This account is locked');
          return;
        case 'refused':
          login.fail('extauth', 'The login server gave no usable answer');
          return;
        case 'busy':
          login.failBusy();
          return;
        case 'unreachable':
          if (!settings.get('extauthfallback')) {
            login.fail('noExtAuth', 'The login server cannot be reached');
          } else if (request.intent !== undefined && request.intent !== 'guest') {
            mismatch(login, request.intent, 'guest', true);
          } else {
            identifyGuest(login, request);
          }
      }
    },
  );
}

function demandToken(login: Login, request: Request): void {
  const { externalLogin, random, settings } = login.needs;
  if (request.intent !== undefined && request.intent !== 'extauth') {
    mismatch(login, request.intent, 'extauth');
    return;
  }
  login.nonce = Buffer.from(random.bytes(8))
    .toString('hex')
    .replace(/^0+(?=.)/, '');
  login.result({
    state: 'needExtAuth',
    message: 'Ext auth needed',
    extauthurl: externalLogin.url!,
    nonce: login.nonce,
    group: externalLogin.group,
    avatar: settings.get('extAuthAvatars') && request.avatar.length === 0,
  });
}

function identifyByToken(login: Login, request: Request, token: string): void {
  const { externalLogin, settings } = login.needs;
  if (login.nonce === undefined) {
    login.fail('extAuthError', 'No login token was asked for');
    return;
  }
  const user: ExternalUser | { error: string } = externalLogin.check(token, login.nonce);
  if ('error' in user) {
    login.fail('extAuthError', user.error);
    return;
  }
  const held = externalFlags(user.flags, settings);
  if ('error' in held) {
    login.fail(held.error, ghostErrors[held.error]);
    return;
  }
  // http.md §3.5: a picture in the token goes before one that came with the name
  const avatar = settings.get('extAuthAvatars') ? user.avatar : undefined;
  identified(login, {
    name: user.username,
    authId: externalAuthId(externalLogin.url ?? '', user),
    flags: held.flags,
    avatar: avatar ?? request.avatar,
    isGuest: false,
    message: 'Authenticated login OK!',
    ...(typeof user.uid === 'number' && { externalUid: user.uid }),
  });
}

const ghostErrors = {
  ghostsNotAllowed: 'Ghosts are not allowed on this server',
  ghostWithoutMod: 'Only moderators can be ghosts',
} as const;

interface Identified {
  name: string;
  authId: string;
  flags: readonly string[];
  avatar: Uint8Array;
  isGuest: boolean;
  message: string;
  externalUid?: number;
}

/** The person is known: flags, rules about ghosts and browsers, then the lobby. */
function identified(login: Login, person: Identified): void {
  const { settings } = login.needs;
  const flags = new Set(person.flags.filter(Boolean));
  const isModerator = flags.has('MOD');
  const isGhost = flags.has('GHOST');
  if (isGhost && !isModerator) {
    login.fail('ghostWithoutMod', ghostErrors.ghostWithoutMod);
    return;
  }
  if (isGhost && !settings.get('enableGhosts')) {
    login.fail('ghostsNotAllowed', ghostErrors.ghostsNotAllowed);
    return;
  }
  if (isModerator) flags.add('PERSIST');
  if (settings.get('allowGuestHosts')) flags.add('HOST');
  if (settings.get('allowGuestWeb')) flags.add('WEB');
  if (settings.get('allowGuestWebSession')) flags.add('WEBSESSION');
  if (settings.get('allowGuestWebHosts')) flags.add('WEBHOST');
  // Guests get in as far as the list of sessions, as in 2.3: hosting or joining tells them what they may not do.
  if (login.connection.isBrowser && !flags.has('WEB') && !person.isGuest) {
    login.fail('webNotAllowed', 'This account may not be used from a web browser here');
    return;
  }
  login.identity = {
    name: person.name,
    authId: person.authId,
    flags,
    isModerator,
    isGhost,
    isGuest: person.isGuest,
    avatar: person.avatar,
    externalUid: person.externalUid,
  };
  login.result({
    state: 'identOk',
    message: person.message,
    flags: [...flags],
    ident: person.name,
    guest: person.isGuest,
  });
  login.enterLobby();
}
