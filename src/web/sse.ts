// Server-sent events as they come over fetch, in pieces of any size (HTML standard §9.2.6). EventSource cannot send the
// headers that keep browsers from asking for a password themselves.

export interface StreamEvent {
  readonly id: string | undefined;
  readonly kind: string;
  readonly data: string;
}

export class EventReader {
  #rest = '';
  #id: string | undefined;
  #kind = '';
  #data: string[] = [];

  /** The events that are complete with this piece. */
  push(piece: string): StreamEvent[] {
    const text = this.#rest + piece;
    // a carriage return at the end may be the first half of a line break
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: StreamEvent[] = [];
    for (const line of lines) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    return events;
  }

  #take(line: string): StreamEvent | undefined {
    if (line === '') return this.#dispatch();
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'event') this.#kind = value;
    else if (name === 'data') this.#data.push(value);
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const kind = this.#kind || 'message';
    const data = this.#data;
    this.#kind = '';
    this.#data = [];
    return data.length === 0 ? undefined : { id: this.#id, kind, data: data.join('\n') };
  }
}
