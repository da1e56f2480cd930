// Operations on pictures of sessions (http.md §1.7): asking a client for one, and the newest.

import { fault, refusal } from '../core/errors.js';
import { formatTimestamp } from '../core/units.js';
import { requireLive } from './live.js';
import { actorFor, change, look } from './operation.js';
import { described, flag, number, object, orNull, remark, text } from './schema.js';
import { requireMember, requireSession } from './session-actions.js';
import { inSession, ofMember, session, user } from './session-shapes.js';

const pictureInput = object(ofMember, {
  maxWidth: number,
  maxHeight: number,
  quality: number,
  format: described(text, 'of the image file, such as jpeg; the client decides what it can'),
  reason: described(remark, 'for the log'),
});

export const thumbnailOperations = {
  'thumbnail.get': look({
    summary: 'Show the newest picture of a session',
    role: 'moderator',
    input: inSession,
    // a session without one is no error: web interfaces ask for every session that they show
    output: described(
      orNull(
        object({
          at: described(text, 'ISO 8601, UTC'),
          data: described(text, 'the image file, in base64'),
        }),
      ),
      'null: there is none',
    ),
    run: async (needs, input) => {
      const { thumbnails } = await requireSession(requireLive(needs), input.session);
      const found = await new Promise<typeof thumbnails.latest>((resolve) => thumbnails.load(resolve));
      return found ? { at: formatTimestamp(found.at), data: found.bytes.toString('base64') } : null;
    },
  }),
  'thumbnail.request': change('sessions', {
    summary: 'Ask a client for a picture of its session',
    role: 'moderator',
    input: pictureInput,
    output: object({ correlator: described(text, 'names this request until it is answered') }),
    run: async (needs, input) => {
      const found = await requireSession(requireLive(needs), input.session);
      const member = requireMember(found, input.user);
      const { thumbnails } = found;
      if (!member.userInfo.capabilities.has('THUMBNAIL')) {
        throw refusal('thumbnail-unsupported', { user: member.name });
      }
      if (thumbnails.pending?.member === member) throw refusal('thumbnail-pending', { user: member.name });
      const { session: _, user: __, reason = '', format = '', ...sizes } = input;
      const { effect } = thumbnails.request(actorFor(needs), member, { ...sizes, format }, reason);
      return { correlator: effect.correlator };
    },
  }),
  'thumbnail.cancel': change('sessions', {
    summary: 'Forget a request for a picture',
    input: object({ session }, { user: described(user, 'left out: whoever was asked') }),
    output: object({ wasPending: flag }),
    run: async (needs, input) => {
      const found = await requireSession(requireLive(needs), input.session);
      const { thumbnails } = found;
      if (input.user !== undefined) {
        const member = requireMember(found, input.user);
        if (thumbnails.pending?.member !== member) {
          throw refusal('thumbnail-not-pending', { user: member.name });
        }
      }
      return { wasPending: thumbnails.cancel(actorFor(needs)) !== undefined };
    },
  }),
  'thumbnail.remove': change('sessions', {
    summary: 'Remove the newest picture of a session',
    input: inSession,
    output: object({ id: described(text, 'of the session') }),
    run: async (needs, input) => {
      const { id, thumbnails } = await requireSession(requireLive(needs), input.session);
      const problem = await new Promise<Error | undefined>((resolve) => {
        thumbnails.remove(actorFor(needs), resolve);
      });
      if (problem) throw fault('thumbnail-not-removed', { session: id, reason: problem.message }, problem);
      return { id };
    },
  }),
};
