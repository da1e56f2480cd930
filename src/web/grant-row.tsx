// One who may use this server, a login or a token: its name and role, when it was used last, and a button that ends that.

import type { ComponentChildren, JSX } from 'preact';
import type { OutputOf } from './api.js';
import { Bdi, Chip, now } from './parts.js';
import { ago, t } from './texts/texts.js';

export function GrantRow({
  grant: { name, role, lastUsed, lastAddress },
  isOwn = false,
  more,
  end,
}: {
  grant: Pick<OutputOf<'login.list'>[number], 'name' | 'role' | 'lastUsed' | 'lastAddress'>;
  isOwn?: boolean;
  /** Behind the last use. */
  more?: ComponentChildren;
  /** The button. */
  end: { text: string; label: string; isDisabled: boolean; run: () => void };
}): JSX.Element {
  return (
    <li class="item">
      <span class="grow">
        <strong>
          <Bdi>{name}</Bdi>
        </strong>{' '}
        <Chip kind={isOwn ? 'mark' : ''}>{t(`me.role.${role}`)}</Chip>
        <br />
        <span class="soft small">
          {lastUsed === null
            ? t('me.unused')
            : t('me.lastUsed', { time: ago(lastUsed, now.value), address: lastAddress })}
          {more}
        </span>
      </span>
      <button type="button" class="button" disabled={end.isDisabled} aria-label={end.label} onClick={end.run}>
        {end.text}
      </button>
    </li>
  );
}
