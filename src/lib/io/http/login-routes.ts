// Logging in to and out of the web interface: `/api/dp/1/login`. A browser gets a cookie and, in the answer, the
// token that it has to send with each change.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkInput } from '../../admin/check-shape.js';
import { isLocked } from '../../admin/live.js';
import { roles } from '../../admin/needs.js';
import { local } from '../../admin/operation.js';
import { findReset, resetPassword } from '../../admin/password-reset.js';
import { described, flag, moment, object, oneWord, type Static, text, within } from '../../admin/schema.js';
import { isLoopbackText } from '../../core/addresses.js';
import { refusal } from '../../core/errors.js';
import type { Asking, Authentication, Login } from './authentication.js';
import { sendJson } from './json.js';
import { ownPrefix } from './operation-routes.js';
import type { HttpNeeds } from './original/route.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** As it was judged before it came to its route. */
    asking: Asking | undefined;
    /** Who asks showed a token or a login, which may end. */
    isByGrant: boolean;
  }
  interface FastifyContextConfig {
    /** Nobody can be logged in yet; but pages and addresses are checked. */
    isLogin?: true;
  }
}

/** Anybody may send this: what waits for its turn is to be small. Longer names and passwords nobody has. */
const loginBytesAtMost = 8 * 1024;

const byPassword = object({ name: text, password: text });
const byLink = object({ link: text });
/** Without a password: only whose it is. */
const reset = object({ link: text }, { password: within(text, { minLength: 1 }) });
const resetAnswer = object({ name: text, isDone: flag }, { expires: moment });
const login = { name: text, role: oneWord(...roles), csrf: described(text, "'': no change needs it") };
const answer = object(login, { expires: described(moment, 'left out: there is no login that could expire') });

/** A request that was not judged is nobody's. */
function askingOf({ asking }: FastifyRequest): Asking {
  if (asking === undefined) throw refusal('login-needed');
  return asking;
}

function bodyOf({ caller, csrf, expires }: Login): Static<typeof answer> {
  return { name: caller.name, role: caller.role, csrf, expires };
}

export function addLoginRoutes(app: FastifyInstance, needs: HttpNeeds, authentication: Authentication): void {
  const url = `${ownPrefix}login`;
  const about = (summary: string) => ({
    schema: { summary, tags: ['login'], response: { 200: { description: 'Done', ...answer } } },
    validatorCompiler: () => () => true,
    serializerCompiler: () => JSON.stringify,
  });
  app.post(
    url,
    {
      ...about('Log in by name and password, or by a link'),
      config: { isLogin: true },
      bodyLimit: loginBytesAtMost,
    },
    async (request, reply) => {
      const asking = askingOf(request);
      if (!asking.isSecure && !isLoopbackText(asking.address)) throw refusal('login-over-plaintext');
      const body = (request.body ?? {}) as Record<string, unknown>;
      const { cookie, login } = await begin(body, asking);
      return sendJson(reply.header('set-cookie', cookie), 200, bodyOf(login));
    },
  );
  const begin = (body: Record<string, unknown>, asking: Asking) => {
    if ('link' in body) {
      checkInput('login', byLink, body);
      return authentication.logInByLink((body as Static<typeof byLink>).link, asking);
    }
    checkInput('login', byPassword, body);
    const { name, password } = body as Static<typeof byPassword>;
    return authentication.logIn(name, password, asking);
  };
  app.post(
    `${url}/reset`,
    {
      schema: {
        summary: 'Set a new password by a link, or see whose it sets',
        tags: ['login'],
        response: { 200: { description: 'Done', ...resetAnswer } },
      },
      validatorCompiler: () => () => true,
      serializerCompiler: () => JSON.stringify,
      config: { isLogin: true },
      bodyLimit: loginBytesAtMost,
    },
    async (request, reply) => {
      const { address, isSecure } = askingOf(request);
      if (!isSecure && !isLoopbackText(address)) throw refusal('login-over-plaintext');
      checkInput('login/reset', reset, request.body ?? {});
      const { link, password } = request.body as Static<typeof reset>;
      if (password === undefined) {
        const { account, grant } = await findReset(needs, link);
        return sendJson(reply, 200, { name: account.name, isDone: false, expires: grant.expires ?? 0 });
      }
      if (isLocked(needs.live, 'accounts')) throw refusal('section-locked', { section: 'accounts' });
      const { name } = await resetPassword(needs, link, password, address);
      return sendJson(reply, 200, { name, isDone: true });
    },
  );
  app.get(url, about('Who is logged in'), async (request, reply) => {
    const login = await authentication.loginOf(askingOf(request));
    if (login) return sendJson(reply, 200, bodyOf(login));
    // who came this far needs none
    const { name, role } = request.caller ?? local;
    return sendJson(reply, 200, { name, role, csrf: '' } satisfies Static<typeof answer>);
  });
  app.delete(url, { schema: { summary: 'Log out', tags: ['login'] } }, async (request, reply) => {
    const cookie = await authentication.logOut(askingOf(request));
    return sendJson(reply.header('set-cookie', cookie), 200, {});
  });
}
