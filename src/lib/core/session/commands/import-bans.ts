// import-bans [text]: adds the bans of an exported list (sessions.md §17).
import { isJsonObject, textOf } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { sendFragments } from '../fragments.js';
import { type BanSession, personOf } from '../kick.js';
import type { BanArchive } from '../needs.js';
import { replies } from '../replies.js';
import type { SessionCommand } from './command.js';

const problems: Record<string, string> = {
  banimportcrypterror: 'These bans were sealed by another server or are damaged.',
  banimportmalformed: 'This is no exported ban list.',
  banimportunconfigured: 'Importing sealed bans is not configured on this server.',
  banimportinvalid: 'The ban list is not valid.',
};

/** Of the name of who banned somebody. */
const nameUnitsAtMost = 100;

function parseList(json: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) && value.v === 1 && Array.isArray(value.l) ? value.l : undefined;
  } catch {
    return undefined;
  }
}

export interface ImportSession extends BanSession {
  readonly needs: { readonly banArchive: BanArchive };
}

export const importBans: SessionCommand<ImportSession> = {
  right: 'operator',
  bound: {
    burst: 10,
    perMinute: 10,
    keeps: '1,000 bans per session, each of four fields of 255 characters, in an eighth of its size limit',
  },
  argCount: 1,
  run({ session, member, args }) {
    const fail = (key: string) => {
      member.send(replies.banProblem(key, problems[key] ?? key));
      return undefined;
    };
    if (typeof args[0] !== 'string') return fail('banimportmalformed');
    const opened = session.needs.banArchive.open(args[0]);
    if ('error' in opened) return fail(opened.error);
    const list = parseList(opened.json);
    if (!list) return fail('banimportinvalid');
    // Who banned somebody is kept, unless the list could have been written by hand to put it on another.
    const isBelieved = opened.isSealed || member.isModerator;
    const bans: number[] = [];
    for (const entry of list) {
      if (!isJsonObject(entry)) continue;
      const person = {
        username: textOf(entry.u),
        ip: textOf(entry.i),
        authId: textOf(entry.a),
        sid: textOf(entry.s),
      };
      const bannedBy = isBelieved ? textOf(entry.b).slice(0, nameUnitsAtMost) : '';
      const ban = session.bans.add(person, personOf(member), bannedBy || member.name);
      if (typeof ban === 'string') continue;
      session.write({ key: 'ban', ban });
      bans.push(ban.id);
    }
    session.recordAction({
      kind: 'importBans',
      actor: actorOf(member),
      effect: { bans, given: list.length },
    });
    if (bans.length > 0) sendFragments(session, ['banlist']);
    member.send(replies.banImport(bans.length, list.length));
    return undefined;
  },
};
