// Pictures of sessions (http.md §1.7): asking a client for one, and the newest.

import { requestFlag, textOf } from './coercion.js';
import { inSession, withMember } from './in-session.js';
import { answered, failed, ok } from './route.js';

const incapable = () => failed(400, 'Client does not have thumbnail capabilities');

export const postThumbnail = withMember(async (whom, { run, input }) => {
  const options: { maxWidth?: number; maxHeight?: number; quality?: number } = {};
  let wrong: string | undefined;
  for (const name of ['maxWidth', 'maxHeight', 'quality'] as const) {
    const value = input[name];
    if (typeof value === 'number') options[name] = value;
    else if (value !== undefined && value !== null) wrong ??= `${name} must be a number`;
  }
  if (wrong !== undefined) {
    const { capabilities } = await run('online.get', whom);
    return capabilities.thumbnail ? failed(400, wrong) : incapable();
  }
  const asked = run('thumbnail.request', {
    ...whom,
    ...options,
    format: textOf(input.format),
    reason: textOf(input.reason),
  });
  return answered(
    asked.then(({ correlator }) => ({ status: 202, body: { correlator } })),
    {
      unsupported: incapable(),
      conflict: failed(409, 'This client is already generating a thumbnail'),
    },
  );
});

export const deleteMemberThumbnail = withMember((whom, { run }) =>
  answered(
    run('thumbnail.cancel', whom).then(() => ok({ status: 'ok' })),
    { notFound: failed(404, 'Client is not generating a thumbnail') },
  ),
);

export const getThumbnail = inSession(async (session, { run }) => {
  const found = await run('thumbnail.get', { session });
  return found === null ? failed(404, 'No thumbnail available') : ok(found);
});

export const deleteThumbnail = inSession(async (session, { run, input }) => {
  const thumbnail = requestFlag(input.thumbnail, true, true);
  const generation = requestFlag(input.generation, true, true);
  if (thumbnail) await run('thumbnail.remove', { session });
  if (generation) await run('thumbnail.cancel', { session });
  return ok({ status: 'ok', thumbnail, generation });
});
