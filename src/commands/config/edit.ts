// `dp config edit`: all settings in the user's editor, applied only when all of them are valid.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin } from '../../lib/admin/admin.js';
import type { OutputOf } from '../../lib/admin/operations.js';
import type { SettingView } from '../../lib/admin/settings.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { confirm } from '../../lib/cli/prompts.js';
import { formatSettings, parseSettings } from '../../lib/cli/settings-text.js';
import { fault, Refusal, refusal } from '../../lib/core/errors.js';
import { printable } from '../../lib/core/printable.js';
import { sizeLimits, UnusableFile } from '../../lib/io/files/regular-file.js';
import { readTextFile } from '../../lib/io/files/text-file.js';

export default class ConfigEdit extends AdminCommand {
  static override summary = 'Edit settings in your editor';
  static override description =
    'Opens all settings in $VISUAL or $EDITOR. When you leave the editor, all your changes are stored, or none if ' +
    'one of them is invalid; you can then continue editing. Secrets are not shown and stay unchanged.';
  static override examples = ['EDITOR=nano <%= config.bin %> <%= command.id %>'];
  static override answers = ['config.change'] as const;

  async run(): Promise<OutputOf<'config.change'>> {
    const { flags } = await this.parse(ConfigEdit);
    return this.withAdmin(flags, async (admin) => {
      const before = await admin.run('config.list', {});
      const folder = mkdtempSync(join(tmpdir(), 'dp-edit-'));
      try {
        const file = join(folder, 'dp.conf');
        writeFileSync(file, formatSettings(before, admin.place), { mode: 0o600 });
        const changed = await this.editUntilRight(admin, before, file);
        for (const { name, text } of changed) this.log(`${name} = ${printable(text)}`);
        if (changed.length === 0) this.logToStderr('Nothing changed.');
        return changed;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  private async editUntilRight(
    admin: Admin,
    before: readonly SettingView[],
    file: string,
  ): Promise<OutputOf<'config.change'>> {
    for (;;) {
      this.edit(file);
      try {
        const change = parseSettings(readEdited(file), before);
        if (Object.keys(change.set).length + change.unset.length === 0) return [];
        return await admin.run('config.change', change);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.logToStderr(`${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`);
        if (!(await confirm(this.terminal, 'Continue editing?', false))) throw error;
      }
    }
  }

  private edit(file: string): void {
    const { env } = this.terminal;
    const editor = env.VISUAL || env.EDITOR || 'vi';
    // as every program does it: the variable may hold arguments, so a shell takes it apart
    const { error, status } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], {
      stdio: 'inherit',
      env,
    });
    if (error !== undefined || status !== 0) {
      throw fault('editor-failed', { editor }, error);
    }
  }
}

/** Refusal when the editor saved it as something that is not text. */
function readEdited(file: string): string {
  try {
    return readTextFile(file, sizeLimits.settings).text;
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    throw refusal('edited-unreadable', { reason: error.reason });
  }
}
