// A session as the lobby shows it (sessions.md §22).
import {
  anyRow,
  type OptionKey,
  type SessionOptions,
  type ShownValues,
  type TemplateValues,
} from '../settings/session-settings.js';
import type { SettingsReader } from '../settings/settings.js';
import { formatTimestamp } from '../units.js';
import type { SessionTemplate } from './needs.js';
import type { SessionState } from './phase.js';
import { optionsFrom, shownValues } from './session-options.js';

/** A template has no id, unless one was set aside for it, and none of what only a session has. */
export type SessionDescription = {
  id?: string;
  alias: string;
  protocol: string;
  hasPassword: boolean;
  userCount?: number;
  closed?: boolean;
  startTime?: string;
  size?: number;
  activeDrawingUserCount?: number;
  preferWebSockets?: boolean;
} & TemplateValues &
  Partial<ShownValues<'lobby'>>;

/** Whether newcomers find room. */
export interface OpenSession {
  readonly state: SessionState;
  readonly isShut: boolean;
  readonly options: SessionOptions;
  readonly people: { readonly count: number };
}

export interface DescribedSession extends OpenSession {
  readonly id: string;
  readonly alias: string;
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly needs: { readonly settings: SettingsReader; readonly hasWebSockets: boolean };
  readonly password: { readonly isSet: boolean };
  readonly people: { readonly count: number; readonly activeDrawerCount: number };
  readonly history: { readonly sizeBytes: number };
}

export function describeSession(session: DescribedSession) {
  const { options, needs } = session;
  const { settings } = needs;
  return {
    id: session.id,
    alias: session.alias,
    protocol: session.protocol,
    userCount: session.people.count,
    hasPassword: session.password.isSet,
    // One that ends because the server stops is shown as it will be found again (recorded).
    closed: session.state.name !== 'ended' && isClosed(session),
    startTime: formatTimestamp(session.startTime),
    size: session.history.sizeBytes,
    activeDrawingUserCount: session.people.activeDrawerCount,
    ...shownValues('lobby', options, {
      allowIdleOverride: settings.get('allowIdleOverride'),
      hasWebSockets: needs.hasWebSockets,
    }),
    ...(needs.hasWebSockets && settings.get('preferWebSockets') && { preferWebSockets: true }),
  } satisfies SessionDescription;
}

/** What the lobby shows of a template. `id`: one that was set aside for it. */
export function describeTemplate(
  { alias, protocol, saved }: Pick<SessionTemplate, 'alias' | 'protocol' | 'saved'>,
  id: string | undefined,
  { settings, hasWebSockets }: DescribedSession['needs'],
): SessionDescription {
  const values = shownValues('lobby', optionsFrom(saved, 0), { allowIdleOverride: false, hasWebSockets });
  const shown = (Object.entries(values) as [OptionKey, unknown][]).flatMap(([key, value]) => {
    const { isOfTemplates, required } = anyRow(key);
    return isOfTemplates === false ? [] : [[key, required ? required(value, settings) : value]];
  });
  return {
    ...(id !== undefined && { id }),
    alias,
    protocol,
    hasPassword: saved.password !== '',
    ...(Object.fromEntries(shown) as TemplateValues),
  };
}

/** Nobody can come in without an invite: full, shut, or being reset. */
export function isClosed(session: OpenSession): boolean {
  const { name } = session.state;
  const isFull = session.people.count >= session.options.maxUserCount;
  return isFull || session.isShut || name === 'resetting' || name === 'ended';
}

/** As someone sees it who holds a valid invite: nothing keeps them out. */
export function invitedDescription(description: SessionDescription): SessionDescription {
  return {
    ...description,
    hasPassword: false,
    authOnly: false,
    ...('allowWeb' in description && { allowWeb: true }),
  };
}
