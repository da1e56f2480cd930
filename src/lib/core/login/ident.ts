// The `ident` command: identifies the user as a guest, by an account of this server, or by the external login server
// (login.md §6, §7).
import { Buffer } from 'node:buffer';
import { type JsonObject, textOf } from '../protocol/command.js';
import { accountFlagNames, accountFlags } from '../settings/account-flags.js';
import { userNameProblem } from '../units.js';
import { externalAuthId, externalFlags } from './external-user.js';
import type { Login } from './login.js';
import type { Account, ExternalUser, TokenRefusal } from './needs.js';
import type { Identity } from './progress.js';
import type { LoginStep, StepContext } from './step.js';

type IdentContext = StepContext<'ident', 'lobby'>;

const intents = ['guest', 'auth', 'extauth'] as const;
type Intent = (typeof intents)[number];

interface Request {
  name: string;
  /** '': none was given, or an empty one. */
  password: string;
  intent: Intent | undefined;
  token: string | undefined;
  avatar: Uint8Array;
}

export const ident: LoginStep<'ident', 'lobby'> = (context, { args, kwargs }) => {
  const { login } = context;
  const request = read(login, args, kwargs);
  if (!request) return;
  const { needs } = login;
  const account = needs.accounts.find(request.name);
  if (account) {
    if (request.token !== undefined) {
      login.fail('tokenForAccount');
    } else if (request.intent !== undefined && request.intent !== 'auth') {
      mismatch(login, request.intent, 'auth');
    } else {
      identifyAccount(context, account, request);
    }
    return;
  }
  if (request.token !== undefined) {
    identifyByToken(context, request, request.token);
  } else if (needs.externalLogin.url !== undefined) {
    askOutside(context, request, needs.externalLogin.url);
  } else if (needs.settings.get('allowGuests')) {
    if (request.intent !== undefined && request.intent !== 'guest') mismatch(login, request.intent, 'guest');
    else identifyGuest(context, request);
  } else if (request.password === '') {
    // As if there were an account: nobody learns which names exist.
    askPassword(login);
  } else {
    login.checkPassword(
      accountTarget(request.name),
      (done, address) => needs.passwords.verify(request.password, decoyHash, done, address),
      () => login.failPassword(),
    );
  }
};

const accountTarget = (name: string) => `account ${name.toLowerCase()}`;

/** Matches no password that anyone types; checked so that unknown names take as long as known ones. */
const decoyHash =
  'sodium;$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const noAvatar = new Uint8Array();

function read(login: Login, args: readonly unknown[], kwargs: JsonObject): Request | undefined {
  const [name, password] = args;
  if (args.length < 1 || args.length > 2) {
    login.fail('identArguments');
    return undefined;
  }
  if (typeof name !== 'string' || userNameProblem(name) !== undefined) {
    login.fail('badUsername');
    return undefined;
  }
  if (login.needs.nameRules.isForbidden(name)) {
    login.fail('forbiddenUsername');
    return undefined;
  }
  const intent = intents.find((each) => each === kwargs.intent);
  if (!intent && textOf(kwargs.intent) !== '') {
    login.fail('identError');
    return undefined;
  }
  const mayHaveAvatar = login.needs.settings.get('customAvatars');
  const avatar = textOf(kwargs.avatar);
  return {
    name,
    password: textOf(password),
    intent,
    token: typeof kwargs.extauth === 'string' ? kwargs.extauth : undefined,
    avatar: mayHaveAvatar && avatar !== '' ? Buffer.from(avatar, 'base64') : noAvatar,
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

function identifyAccount(context: IdentContext, account: Account, request: Request): void {
  const { login } = context;
  if (account.isLocked) {
    login.fail('bannedName');
    return;
  }
  if (request.password === '') {
    askPassword(login);
    return;
  }
  login.checkPassword(
    accountTarget(account.name),
    (done, address) => login.needs.passwords.verify(request.password, account.password, done, address),
    (matches) => {
      if (!matches) {
        login.failPassword();
        return;
      }
      identified(context, {
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

function identifyGuest(context: IdentContext, request: Request): void {
  identified(context, {
    name: request.name,
    authId: '',
    flags: [],
    avatar: request.avatar,
    isGuest: true,
    message: 'Guest login OK!',
  });
}

/** A name without an account here, while an external login server is set up. login.md §7.1 */
function askOutside(context: IdentContext, request: Request, url: string): void {
  const { login } = context;
  const { externalLogin, settings } = login.needs;
  if (!settings.get('allowGuests')) {
    demandToken(context, request, url);
    return;
  }
  login.wait<[Parameters<Parameters<typeof externalLogin.queryGuest>[1]>[0]]>(
    (done) => externalLogin.queryGuest(request.name, done, login.connection.ip),
    (answer) => {
      switch (answer) {
        case 'guest':
          if (request.intent !== undefined && request.intent !== 'guest')
            mismatch(login, request.intent, 'guest');
          else identifyGuest(context, request);
          return;
        case 'auth':
          demandToken(context, request, url);
          return;
        case 'outgroup':
          login.fail('extauthOutgroup');
          return;
        case 'banned':
          login.fail('extauthLocked');
          return;
        case 'refused':
          login.fail('extauth');
          return;
        case 'busy':
          login.failBusy();
          return;
        case 'unreachable':
          if (!settings.get('extauthfallback')) {
            login.fail('noExtAuth');
          } else if (request.intent !== undefined && request.intent !== 'guest') {
            mismatch(login, request.intent, 'guest', true);
          } else {
            identifyGuest(context, request);
          }
      }
    },
  );
}

function demandToken({ login, state }: IdentContext, request: Request, url: string): void {
  const { externalLogin, random, settings } = login.needs;
  if (request.intent !== undefined && request.intent !== 'extauth') {
    mismatch(login, request.intent, 'extauth');
    return;
  }
  const nonce = Buffer.from(random.bytes(8))
    .toString('hex')
    .replace(/^0+(?=.)/, '');
  state.asked = { kind: 'token', nonce };
  login.result({
    state: 'needExtAuth',
    message: 'Ext auth needed',
    extauthurl: url,
    nonce,
    group: externalLogin.group,
    avatar: settings.get('extAuthAvatars') && request.avatar.length === 0,
  });
}

function identifyByToken(context: IdentContext, request: Request, token: string): void {
  const { login, state } = context;
  const { externalLogin, settings } = login.needs;
  if (state.asked.kind !== 'token') {
    login.fail('tokenUnasked');
    return;
  }
  const user: ExternalUser | { error: TokenRefusal } = externalLogin.check(token, state.asked.nonce);
  if ('error' in user) {
    login.fail(user.error);
    return;
  }
  const held = externalFlags(user.flags, settings);
  if ('error' in held) {
    login.fail(held.error);
    return;
  }
  // http.md §3.5: a picture in the token goes before one that came with the name
  const avatar = settings.get('extAuthAvatars') ? user.avatar : undefined;
  identified(context, {
    name: user.username,
    authId: externalAuthId(externalLogin.url ?? '', user),
    flags: held.flags,
    avatar: avatar ?? request.avatar,
    isGuest: false,
    message: 'Authenticated login OK!',
    ...(typeof user.uid === 'number' && { externalUid: user.uid }),
  });
}

interface Identified {
  name: string;
  authId: string;
  flags: readonly string[];
  avatar: Uint8Array;
  isGuest: boolean;
  message: string;
  externalUid?: number;
}

/** The user is identified: checks flags and the rules for ghosts and browsers, then enters the lobby. */
function identified({ login, advance }: IdentContext, person: Identified): void {
  const { settings } = login.needs;
  const flags = new Set(person.flags.filter(Boolean));
  const isModerator = flags.has('MOD');
  const isGhost = flags.has('GHOST');
  if (isGhost && !isModerator) {
    login.fail('ghostWithoutMod');
    return;
  }
  if (isGhost && !settings.get('enableGhosts')) {
    login.fail('ghostsNotAllowed');
    return;
  }
  if (isModerator) flags.add('PERSIST');
  for (const flag of accountFlagNames) {
    const { everyone } = accountFlags[flag];
    if (everyone !== undefined && settings.get(everyone)) flags.add(flag);
  }
  // Guests get in as far as the list of sessions, as in 2.3: hosting or joining is refused then.
  if (login.connection.isBrowser && !flags.has('WEB') && !person.isGuest) {
    login.fail('webNotAllowed');
    return;
  }
  const identity: Identity = {
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
  advance(identity);
}
