// Server-sent events (HTML standard §9.2.6) as ours are: each field once, data in one line.

import type { ServerEvent } from '../../admin/admin.js';
import { isJsonObject } from '../../core/protocol/command.js';
import { parsed } from './admin-http.js';

/** What takes one line after the other, without their ends. */
export function eventReader(listener: (event: ServerEvent) => void): (line: string) => void {
  let id = '';
  let kind = '';
  let data: unknown;
  return (line) => {
    const [, field, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === 'id') id = value;
    else if (field === 'event') kind = value;
    else if (field === 'data') data = parsed(value);
    else if (line === '') {
      if (isJsonObject(data)) listener({ id, kind, data });
      kind = '';
      data = undefined;
    }
  };
}
