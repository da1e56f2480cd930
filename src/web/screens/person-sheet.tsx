// Somebody in a list, in a sheet over it.

import type { JSX } from 'preact';
import { isLacking, type Me } from '../api.js';
import { Bdi } from '../parts.js';
import { personPath, sessionPath } from '../paths.js';
import { Sheet } from '../sheet.js';
import { t } from '../texts/texts.js';
import { type Person, PersonActions } from './person-actions.js';

export function PersonSheet({
  person,
  session,
  me,
  isPresent = true,
  onClose,
}: {
  person: Person;
  session: string | undefined;
  me: Me;
  isPresent?: boolean;
  onClose: () => void;
}): JSX.Element {
  return (
    <Sheet title={<Bdi>{person.name}</Bdi>} onClose={onClose}>
      <PersonActions person={person} session={session} me={me} isPresent={isPresent} onDone={onClose} />
      <div class="row">
        {session !== undefined && person.session !== undefined && (
          <a class="button" href={sessionPath(session)} onClick={onClose}>
            {t('person.openSession')}
          </a>
        )}
        {person.name !== '' && !isLacking('user.find') && (
          <a class="button" href={personPath(person.name)} onClick={onClose}>
            {t('person.openPage')}
          </a>
        )}
      </div>
    </Sheet>
  );
}
