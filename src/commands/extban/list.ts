// `dp extban list`: the external ban list of a running server.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { describeDuration } from '../../lib/core/units.js';

type Entry = OutputOf<'extban.list'>['bans'][number];

export default class ExtbanList extends LiveCommand {
  static override summary = 'Show the external ban list';
  static override description =
    'The list is fetched from the address in the setting extBansUrl at intervals. Entries can be disabled on this ' +
    'server.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override answers = ['extban.list'] as const;

  async run(): Promise<OutputOf<'extban.list'>> {
    const { flags } = await this.parse(ExtbanList);
    const found = await this.withAdmin(flags, (admin) => admin.run('extban.list', {}));
    const { bans, status } = found;
    this.table(
      bans,
      [
        { title: 'id', value: ({ id }) => String(id), align: 'right' },
        { title: 'state', value: ({ isEnabled }) => (isEnabled ? 'enabled' : 'disabled') },
        { title: 'banned', value: targetsOf },
        { title: 'expires', value: ({ expiresText }) => expiresText },
        { title: 'reason', value: ({ reason }) => reason },
        { title: 'comment', value: ({ comment }) => comment },
      ],
      'The external ban list is empty.',
    );
    this.logToStderr(statusText(status));
    return found;
  }
}

function targetsOf({ ips, systems, users }: Entry): string {
  return [
    ...ips.map(({ from, to }) => (from === to ? from : `${from}-${to}`)),
    ...systems.flatMap(({ sids }) => sids),
    ...users.flatMap(({ ids }) => ids.map((id) => `user ${id}`)),
  ].join(' ');
}

function statusText(status: OutputOf<'extban.list'>['status']): string {
  if (status === null || !status.isActive) {
    return 'No external ban list is in use. To use one: dp config set extBansUrl URL';
  }
  const next =
    status.msUntilNextCheck === undefined
      ? ''
      : `, next fetch in ${describeDuration(Math.round(status.msUntilNextCheck / 1000))}`;
  return `Fetched from ${status.url}${next}.`;
}
