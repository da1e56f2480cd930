// The first set-up in the browser of `dp gui`: what `dp init` asks, as one form. cli/browser-set-up.ts decides and
// writes.

import type { FastifyInstance } from 'fastify';
import type { Admin } from '../../admin/admin.js';
import { checkInput } from '../../admin/check-shape.js';
import { flag, integer, notEmpty, object, oneWord, type Static, text, within } from '../../admin/schema.js';
import { sendJson } from './json.js';
import { ownPrefix } from './operation-routes.js';

/** What was answered; what is left out gets the value of a private server. */
export const setUpAnswers = object(
  {},
  {
    preset: oneWord('private', 'community', 'public'),
    name: text,
    welcome: text,
    port: within(integer, { minimum: 1, maximum: 65_535 }),
    /** Under which users reach the server; '': none. */
    localHost: text,
    tls: oneWord('none', 'self-signed', 'acme', 'files'),
    /** Of `files`: where they are on this machine, or what is in them. */
    certificateFiles: object({ certificate: notEmpty, key: notEmpty }),
    certificateTexts: object(
      { certificate: notEmpty, key: notEmpty },
      { certificateName: notEmpty, keyName: notEmpty },
    ),
    email: text,
    acceptsTerms: flag,
    hasDrawpileAccounts: flag,
    listing: oneWord('anywhere', 'drawpile.net', 'nowhere'),
    /** Administrator and moderator. */
    account: object({ name: notEmpty, password: notEmpty }),
  },
);
export type SetUpAnswers = Static<typeof setUpAnswers>;

/** What is suggested. */
export interface SetUpState {
  readonly folder: string;
  readonly port: number;
}

export interface SetUpResult {
  /** For friends, the likeliest first. */
  readonly links: readonly string[];
  readonly port: number;
  /** Only this computer can connect. */
  readonly isLocalOnly: boolean;
}

export interface BrowserSetUp {
  readonly state: SetUpState;
  /** What would be written, in lines. Refusal for what cannot be. */
  preview(answers: SetUpAnswers): Promise<readonly string[]>;
  /** Writes it and starts the server. May be called again after a failure. */
  finish(answers: SetUpAnswers): Promise<{ readonly admin: Admin; readonly result: SetUpResult }>;
}

/** `onDone`: the server runs. */
export function addSetUpRoutes(
  app: FastifyInstance,
  setUp: BrowserSetUp,
  onDone: (admin: Admin) => void,
): void {
  const answersOf = (body: unknown): SetUpAnswers => {
    checkInput('set-up', setUpAnswers, body);
    return body as SetUpAnswers;
  };
  let finishing: Promise<SetUpResult> | undefined;
  app.get(`${ownPrefix}set-up`, async (_request, reply) => sendJson(reply, 200, setUp.state));
  app.post(`${ownPrefix}set-up/preview`, async ({ body }, reply) =>
    sendJson(reply, 200, { lines: await setUp.preview(answersOf(body)) }),
  );
  app.post(`${ownPrefix}set-up/finish`, async ({ body }, reply) => {
    // a second press of the button is the same one
    finishing ??= setUp
      .finish(answersOf(body))
      .then(({ admin, result }) => {
        onDone(admin);
        return result;
      })
      .catch((error: unknown) => {
        finishing = undefined;
        throw error;
      });
    return sendJson(reply, 200, await finishing);
  });
}
