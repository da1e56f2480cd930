// Creates a session without a host: from a template, or with an empty canvas of a given size.

import { fault, refusal } from '../core/errors.js';
import { makeTemplate } from '../core/recording/new-template.js';
import { TemplateReader } from '../core/recording/template.js';
import type { HostRefusal } from '../core/session/directory.js';
import type { SessionTemplate } from '../core/session/needs.js';
import { emptySaved } from '../core/session/saved.js';
import type { Session } from '../core/session/session.js';
import { isValidAlias } from '../core/session/session-id.js';
import { type SessionFlag, titleUnitsAtMost, usersAtMost } from '../core/settings/session-settings.js';
import { fileKind, fileName } from './file-shapes.js';
import { filesOf } from './files.js';
import { requireLive } from './live.js';
import { type AdminNeeds, change } from './operation.js';
import { record } from './recording.js';
import { described, flag, integer, object, type Static, text, within } from './schema.js';
import { fullSession } from './session-shapes.js';
import { fully } from './sessions.js';

/** What clients can still draw on. */
const side = within(integer, { minimum: 1, maximum: 32_767 });

const newSession = object(
  {},
  {
    template: described(text, 'alias of the template; left out: an empty canvas'),
    file: described(
      object({ kind: fileKind, name: fileName }),
      'what it begins with, as file.list has it; its settings are taken over',
    ),
    title: within(text, { maxLength: titleUnitsAtMost }),
    alias: described(text, 'letters, digits and -, for links'),
    widthPixels: side,
    heightPixels: side,
    password: described(text, 'to join'),
    maxUserCount: within(integer, { minimum: 1, maximum: usersAtMost }),
    nsfm: flag,
    isPersistent: described(flag, 'stays when all users have left; left out: yes, or as the template has it'),
  },
);
type NewSession = Static<typeof newSession>;

export const sessionCreateOperations = {
  'session.create': change('sessions', {
    summary: 'Create a session from a template or with an empty canvas',
    input: newSession,
    output: fullSession,
    async run(needs, input) {
      const live = requireLive(needs);
      const { directory } = live;
      const template = await beginningOf(needs, input);
      if (input.template === undefined) {
        const refused = directory.refusal({ alias: template.alias, protocol: template.protocol });
        if (refused !== undefined) throw refusedAs(refused, template, needs);
      } else if (directory.count >= live.settings.get('sessionCountLimit')) {
        throw refusedAs('closed', template, needs);
      }
      const made = directory.instantiate(
        {
          ...template,
          saved: { ...template.saved, ...(await requestedSettings(needs, input, template)) },
        },
        (session) =>
          session.writeLog('info', 'Status', `Session created by ${needs.caller?.name ?? 'local'}`),
      );
      if ('error' in made) throw fault('session-not-created', { problem: made.error });
      await opened(made);
      const { title, alias, id } = made.describe();
      const on = { kind: 'session', name: made.id, session: made.id } as const;
      await record(
        needs,
        { on, after: { title, alias, template: input.template ?? input.file?.name ?? '' } },
        `Session ${id} created`,
      );
      return fully(live, made);
    },
  }),
};

function opened(session: Session): Promise<void> {
  return new Promise((resolve) => session.open(() => resolve()));
}

function refusedAs(refused: HostRefusal, { alias, protocol }: SessionTemplate, needs: AdminNeeds): Error {
  if (refused === 'idInUse') return refusal('session-alias-taken', { alias });
  if (refused === 'badProtocol') return refusal('session-protocol-unsupported', { protocol });
  return refusal('session-limit', { most: requireLive(needs).settings.get('sessionCountLimit') });
}

async function beginningOf(needs: AdminNeeds, input: NewSession): Promise<SessionTemplate> {
  const { template, file, alias = '' } = input;
  if (template !== undefined && file !== undefined) {
    throw refusal('options-exclusive', { one: 'template', other: 'file' });
  }
  if (template !== undefined) return known(needs, template);
  requireAlias(alias);
  if (file === undefined) return blank(needs, input);
  const opened = await filesOf(needs).open(file);
  return { ...opened, alias, announce: '', saved: { ...opened.saved, alias } };
}

function requireAlias(alias: string): void {
  if (alias !== '' && !isValidAlias(alias)) throw refusal('session-alias-invalid', { alias });
}

function known(needs: AdminNeeds, alias: string): SessionTemplate {
  const { directory } = requireLive(needs);
  const template = directory.findTemplate(alias);
  if (template) return template;
  if (directory.find(alias)) throw refusal('session-alias-taken', { alias });
  const all = [...(directory.needs.templates?.all ?? [])].map((each) => each.alias);
  throw refusal('session-template-not-found', { template: alias, templates: all.join(' ') || 'none' });
}

async function blank(needs: AdminNeeds, { alias = '', ...input }: NewSession): Promise<SessionTemplate> {
  const reader = new TemplateReader();
  reader.read(
    makeTemplate({
      generation: '4.25',
      format: 'binary',
      widthPixels: input.widthPixels ?? 1920,
      heightPixels: input.heightPixels ?? 1080,
      layers: ['Layer 1', 'Layer 2'],
      fill: 0xffffffff,
      settings: {},
    }),
  );
  const { protocol, frames, count } = reader.end();
  return {
    alias,
    protocol,
    saved: {
      ...emptySaved('', protocol),
      alias,
      maxUserCount: requireLive(needs).settings.get('sessionUserLimit'),
    },
    announce: '',
    load: () => ({ frames: [frames], count }),
  };
}

/** What replaces the settings of the template. */
async function requestedSettings(
  needs: AdminNeeds,
  input: NewSession,
  { saved }: SessionTemplate,
): Promise<Partial<SessionTemplate['saved']>> {
  const before = input.template === undefined ? undefined : saved;
  const flags = new Set<SessionFlag>(saved.flags);
  const put = (name: SessionFlag, isOn: boolean | undefined) => {
    if (isOn === undefined) return;
    if (isOn) flags.add(name);
    else flags.delete(name);
  };
  put('nsfm', input.nsfm);
  put('persistent', input.isPersistent ?? (before === undefined ? true : undefined));
  const { title, maxUserCount, password } = input;
  return {
    flags,
    ...(title !== undefined && { title: title.trim() }),
    ...(maxUserCount !== undefined && { maxUserCount }),
    ...(password !== undefined && { password: password === '' ? '' : await stored(needs, password) }),
  };
}

function stored(needs: AdminNeeds, password: string): Promise<string> {
  return new Promise((resolve, reject) =>
    requireLive(needs).directory.needs.passwords.hash(password, (form) => {
      if (form === undefined) reject(refusal('password-check-busy'));
      else resolve(form);
    }),
  );
}
