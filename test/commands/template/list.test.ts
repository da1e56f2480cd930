// dp template list.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import TemplateList, { type ListedTemplate } from '../../../src/commands/template/list.js';
import { runCommand } from '../../helpers/run-command.js';

test('templates are listed, broken ones with their error', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dp-template-list-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cpSync('test/vectors/formats/v23/template/full.dptxt', join(folder, 'full.dptxt'));
  writeFileSync(join(folder, 'broken.dprec'), 'no recording');
  const ran = await runCommand(TemplateList, [folder]);
  t.is(ran.status, 0);
  t.regex(ran.stdout, /full +Full 2\.3 template +dp:4\.25\.1/);
  t.regex(ran.stdout, /broken/);
  const rows = (await runCommand(TemplateList, [folder, '--json'])).json<ListedTemplate[]>();
  t.like(rows[0], { alias: 'broken', isOffered: false });
  t.truthy(rows[0]!.error);
  t.like(rows[1], { alias: 'full', isOffered: true, hasPassword: true, maxUsers: 7, problems: 1 });
  t.false(JSON.stringify(rows).includes('plainpw'));
  const nowhere = await runCommand(TemplateList, ['/nowhere/at/all']);
  t.is(nowhere.status, 4);
  t.regex(nowhere.stderr, /there is no folder for templates/);
});
