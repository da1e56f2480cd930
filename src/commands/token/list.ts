// `dp token list`: which programs may use the admin API.

import type { OutputOf } from '../../lib/admin/operations.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { tokenColumns } from '../../lib/cli/grant-texts.js';

export default class TokenList extends AdminCommand {
  static override answers = ['token.list'] as const;
  static override summary = 'List API tokens';
  static override description =
    'Shows when and from where each token was last used. Expired ones are removed with the next new one.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<OutputOf<'token.list'>> {
    const { flags } = await this.parse(TokenList);
    const tokens = await this.withAdmin(flags, (admin) => admin.run('token.list', {}));
    this.table(tokens, tokenColumns, 'No tokens.');
    return tokens;
  }
}
