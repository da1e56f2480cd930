// Pictures of sessions (http.md §1.7): asking a client for one, and the newest.

import { actorFor } from '../../../admin/operation.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { formatTimestamp } from '../../../core/units.js';
import { requestFlag, textOf } from './coercion.js';
import { inSession, withMember } from './in-session.js';
import { type Answer, failed, ok } from './route.js';

export const postThumbnail = withMember(({ thumbnails }, member, { needs, input }) => {
  if (!member.visitor.capabilities.has('THUMBNAIL')) {
    return failed(400, 'Client does not have thumbnail capabilities');
  }
  for (const name of ['maxWidth', 'maxHeight', 'quality']) {
    const value = input[name];
    if (value !== undefined && value !== null && typeof value !== 'number') {
      return failed(400, `${name} must be a number`);
    }
  }
  if (thumbnails.pending?.member === member) {
    return failed(409, 'This client is already generating a thumbnail');
  }
  const wish = {
    ...pick(input, ['maxWidth', 'maxHeight', 'quality']),
    format: textOf(input.format),
  };
  const { effect } = thumbnails.request(actorFor(needs), member, wish, textOf(input.reason));
  return { status: 202, body: { correlator: effect.correlator } };
});

function pick(input: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => typeof input[name] === 'number').map((name) => [name, input[name]]),
  );
}

export const deleteMemberThumbnail = withMember(({ thumbnails }, member, { needs }) => {
  if (thumbnails.pending?.member !== member) return failed(404, 'Client is not generating a thumbnail');
  thumbnails.cancel(actorFor(needs));
  return ok({ status: 'ok' });
});

export const getThumbnail = inSession(
  (session) =>
    new Promise<Answer>((resolve) => {
      session.thumbnails.load((found) =>
        resolve(
          found
            ? ok({ at: formatTimestamp(found.at), data: found.bytes.toString('base64') })
            : failed(404, 'No thumbnail available'),
        ),
      );
    }),
);

export const deleteThumbnail = inSession((session, { needs, input }) => {
  const thumbnail = requestFlag(input.thumbnail, true, true);
  const generation = requestFlag(input.generation, true, true);
  if (thumbnail) session.thumbnails.remove(actorFor(needs));
  if (generation) session.thumbnails.cancel(actorFor(needs));
  return ok({ status: 'ok', thumbnail, generation });
});
