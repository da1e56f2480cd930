// Reads how a set-up in a data folder is, and writes what a plan says, so that whatever stops it leaves either the
// old set-up or the new one behind.

import { existsSync, lchownSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { requireUnusedName, requireUserName } from '../admin/account-names.js';
import { localAdmin } from '../admin/admin.js';
import { reason } from '../core/errors/reason.js';
import { Fault, fault, Refusal, refusal } from '../core/errors.js';
import type { AccountFlag } from '../core/settings/account-flags.js';
import { requireSettingText, type SettingName, settingNames, settingRow } from '../core/settings/settings.js';
import { readStartup, type StartupName, startupNameOf } from '../core/settings/startup.js';
import { actAs, ownerToActAs } from '../io/files/acting-user.js';
import { folderModes, makeFolder } from '../io/files/folders.js';
import { fileModes, nameOf } from '../io/files/regular-file.js';
import { replaceFile } from '../io/files/replace-file.js';
import { makeSelfSigned } from '../io/net/self-signed.js';
import { ConfigDatabase } from '../io/sqlite/config-database.js';
import { systemSecrets } from '../io/system/access-secrets.js';
import { systemClock } from '../io/system/clock.js';
import { dataFiles } from '../io/system/data-folder.js';
import { SystemPasswords } from '../io/system/passwords.js';
import { editedStartFile, readStartFile } from '../io/system/start-file.js';
import { isRoot, planDrop } from '../io/system/user.js';
import { flagsOf, type Plan, type SetUp } from './set-up.js';

const certificateDays = 3650;

/** How it is now. Fault or Refusal when what is there cannot be read. */
export async function readSetUp(folder: string): Promise<SetUp> {
  const files = dataFiles(folder);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw refusal('data-folder-is-file', { folder, what: nameOf(found) });
  const start = readStartFile(folder).values;
  const common = {
    folder,
    start,
    certificate: files.certificate,
    key: files.key,
    hasOwnCertificate: existsSync(files.certificate) && existsSync(files.key),
  };
  const defaults = new Map(settingNames.map((name) => [name, settingRow(name).default] as const));
  if (!existsSync(files.database)) {
    return {
      ...common,
      exists: false,
      settings: defaults,
      listServers: [],
      accounts: [],
      moderators: [],
      administrators: [],
    };
  }
  const database = await ConfigDatabase.open(files.database, { role: 'command' });
  try {
    const { settings, accounts, listServers } = database.snapshot();
    for (const [name, text] of settings)
      if (defaults.has(name as SettingName)) defaults.set(name as SettingName, text);
    const namesWith = (flag: AccountFlag) =>
      accounts.filter(({ flags }) => flags.includes(flag)).map(({ name }) => name);
    return {
      ...common,
      exists: true,
      settings: defaults,
      listServers,
      accounts: accounts.map(({ name }) => name),
      moderators: namesWith('MOD'),
      administrators: namesWith('ADMIN'),
    };
  } finally {
    database.close();
  }
}

/** What cannot be stored, or cannot go together, is refused before anything is written. */
export function checkPlan(now: SetUp, plan: Plan): void {
  const kept: Record<string, string> = { ...now.start };
  /** What is wrong with these is said of the flags of the same name. */
  const changed: Partial<Record<StartupName, string>> = {};
  for (const [variable, value] of plan.start) {
    delete kept[variable];
    const name = startupNameOf(variable);
    if (name !== undefined && value !== undefined) changed[name] = value;
  }
  readStartup(changed, kept);
  for (const [name, text] of plan.settings) requireSettingText(name, text);
  if (plan.account !== undefined) requireNewAccount(now, plan.account.name);
}

/** Refusal where no account of this name can be added. */
export function requireNewAccount({ accounts }: SetUp, name: string): void {
  requireUserName(name);
  requireUnusedName(
    accounts.map((account) => ({ name: account })),
    name,
  );
}

/** Carries the plan out; `owner` is who will serve, if not whoever the folder belongs to. A new set-up is built beside its place and moved there in one step. */
export async function writeSetUp(now: SetUp, plan: Plan, owner?: string): Promise<void> {
  // In a folder of somebody else's, root works with their rights: links of theirs lead it nowhere.
  await actAs(ownerToActAs(plan.folder), () => write(now, plan, owner));
}

async function write(now: SetUp, plan: Plan, owner: string | undefined): Promise<void> {
  const parent = path.dirname(plan.folder);
  const isNewFolder = plan.isNew && !existsSync(plan.folder);
  let workFolder = plan.folder;
  try {
    if (isNewFolder) {
      // Whoever will serve has to get there.
      makeFolder(parent, isRoot() ? folderModes.public : folderModes.work);
      workFolder = mkdtempSync(path.join(parent, '.dp-init-'));
    }
    const made = await writeInto(workFolder, now, plan);
    // The folder last: as long as it is root's, nobody can exchange what is in it.
    handToServer(isNewFolder ? [...made, workFolder] : made, plan.folder, owner);
    if (isNewFolder) renameSync(workFolder, plan.folder);
  } catch (cause) {
    if (workFolder !== plan.folder) rmSync(workFolder, { recursive: true, force: true });
    if (cause instanceof Fault || cause instanceof Refusal) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const isClosed = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    const why = isClosed ? reason('not-writable') : message;
    throw fault('set-up-not-written', { folder: plan.folder, reason: why }, cause);
  }
}

/** Answers with the files that are new. */
async function writeInto(folder: string, now: SetUp, plan: Plan): Promise<string[]> {
  const made: string[] = [];
  const files = dataFiles(folder);
  if (plan.certificateNames !== undefined) {
    const pair = makeSelfSigned({
      names: plan.certificateNames,
      days: certificateDays,
      nowMs: systemClock.now(),
    });
    await replaceFile(files.key, pair.key, { mode: fileModes.secret });
    await replaceFile(files.certificate, pair.certificate, { mode: fileModes.public });
    made.push(files.key, files.certificate);
  }
  if (plan.certificateTexts !== undefined) {
    await replaceFile(files.key, plan.certificateTexts.key, { mode: fileModes.secret });
    await replaceFile(files.certificate, plan.certificateTexts.certificate, { mode: fileModes.public });
    made.push(files.key, files.certificate);
  }
  // what is there is taken as it is: the server may be running on it
  const database = await ConfigDatabase.open(files.database, { role: plan.isNew ? 'server' : 'command' });
  if (plan.isNew) made.push(files.database);
  const admin = localAdmin(
    {
      stores: database,
      passwords: new SystemPasswords(),
      secrets: systemSecrets,
      now: () => systemClock.now(),
    },
    () => database.close(),
  );
  try {
    // the account first: it is the only part that may be refused
    if (plan.account !== undefined) {
      const { name, password } = plan.account;
      await admin.run('user.add', { name, password, flags: flagsOf(plan.account) });
    }
    if (plan.listServers !== undefined) await admin.run('listserver.replace', { list: plan.listServers });
    if (plan.settings.size > 0) await admin.run('config.change', { set: Object.fromEntries(plan.settings) });
  } finally {
    await admin.close();
  }
  if (plan.start.size > 0 || plan.isNew) {
    await replaceFile(files.startup, editedStartFile(now.folder, plan.start), { mode: fileModes.secret });
    made.push(files.startup);
  }
  return made;
}

/**
 * A server that root starts runs as somebody else, who must be able to use what root makes here. Only files that are
 * new are given away: what was in the folder before may be anybody's trick.
 */
function handToServer(made: readonly string[], folder: string, owner: string | undefined): void {
  const user = isRoot() ? planDrop({ dataFolder: folder, user: owner })?.user : undefined;
  if (user === undefined) return;
  for (const file of made) lchownSync(file, user.uid, user.gid);
}
