// Links by which the user of an account sets a new password: once, within a day, and only as long as nobody set one meanwhile.

import { refusal } from '../core/errors.js';
import { isCurrent, requireGrants } from './grants.js';
import type { Grant, StoredAccount } from './needs.js';
import { type AdminNeeds, change } from './operation.js';
import { record, recorded } from './recording.js';
import { described, moment, object, text } from './schema.js';
import { accountKey, requireAccount } from './users.js';

const resetMs = 24 * 3_600_000;

export const passwordResetOperations = {
  'user.reset': change('accounts', {
    summary: 'Create a link that sets a new password for an account once',
    input: object({ key: accountKey }),
    output: object({
      name: described(text, 'of the account'),
      path: described(text, 'path of the web interface with the secret, below the address of the server'),
      expires: moment,
    }),
    async run(needs, { key }) {
      const { stores, secrets, now } = needs;
      const account = await requireAccount(stores, key);
      const grants = requireGrants(stores);
      // the newest link is the one that works
      for (const grant of await grants.all()) {
        if (grant.kind === 'reset' && grant.name === account.name) await grants.remove(grant.id);
      }
      const secret = secrets.make();
      const expires = now() + resetMs;
      await grants.add({
        kind: 'reset',
        name: account.name,
        role: 'observer',
        digest: secrets.digest(secret),
        proof: proofOf(needs, account),
        created: now(),
        expires,
      });
      await record(needs, { on: { kind: 'account', name: account.name }, after: { expires } });
      return { name: account.name, path: `/admin/#reset=${secret}`, expires };
    },
  }),
};

/** Whose password the link sets. Refusal where it was used, is over, or is none. */
export async function findReset(
  needs: Pick<AdminNeeds, 'stores' | 'secrets' | 'now'>,
  secret: string,
): Promise<{ readonly grant: Grant; readonly account: StoredAccount }> {
  const grant = await requireGrants(needs.stores).find(needs.secrets.digest(secret));
  if (grant?.kind !== 'reset' || !isCurrent(needs.now())(grant)) throw refusal('reset-link-wrong');
  const account = (await needs.stores.accounts.all()).find(({ name }) => name === grant.name);
  if (account === undefined || proofOf(needs, account) !== grant.proof) throw refusal('reset-link-wrong');
  return { grant, account };
}

/** Sets the password and ends the logins of the account. `address`: from where. */
export async function resetPassword(
  needs: AdminNeeds,
  secret: string,
  password: string,
  address: string,
): Promise<StoredAccount> {
  const { grant, account } = await findReset(needs, secret);
  const stored = await needs.passwords.hash(password, 'argon2id');
  const grants = requireGrants(needs.stores);
  // of two at once one removes it
  if (!(await grants.remove(grant.id))) throw refusal('reset-link-wrong');
  const caller = { name: account.name, role: 'observer', address } as const;
  const acting = { ...needs, caller, operation: 'login.reset' };
  // an administrator may have set another one while this one was hashed
  await findUnchanged(needs, account);
  if (!(await recorded(acting).stores.accounts.change(account.id, { password: stored }))) {
    throw refusal('reset-link-wrong');
  }
  for (const each of await grants.all()) {
    if (each.kind !== 'login' || each.name !== account.name || !(await grants.remove(each.id))) continue;
    await record(acting, { on: { kind: 'login', name: each.name }, before: { role: each.role } });
  }
  return account;
}

async function findUnchanged({ stores }: Pick<AdminNeeds, 'stores'>, account: StoredAccount): Promise<void> {
  const now = (await stores.accounts.all()).find(({ id }) => id === account.id);
  if (now?.password !== account.password || now.name !== account.name) throw refusal('reset-link-wrong');
}

/** Another password, or another account of that name, ends the link. */
function proofOf({ secrets }: Pick<AdminNeeds, 'secrets'>, { id, name, password }: StoredAccount): string {
  return secrets.digest(`reset ${id} ${name} ${password}`);
}
