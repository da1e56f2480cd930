// What a row of the catalogue of errors holds, and the kinds that give a row its HTTP and exit status.

/** Exit statuses of the commands; the manual lists them. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  refused: 5,
  conflict: 6,
  problems: 7,
} as const;

export type ExitName = keyof typeof exitStatus;

/** What kind of trouble an error is; `fault`: our surroundings failed, everything else is a refusal. */
export const errorKinds = {
  badInput: { http: 400, exit: 'usage', meaning: 'the input is invalid' },
  notFound: { http: 404, exit: 'notFound', meaning: 'what was named does not exist' },
  refused: { http: 403, exit: 'refused', meaning: 'not allowed' },
  unsupported: { http: 400, exit: 'refused', meaning: 'not possible with this server or file' },
  conflict: { http: 409, exit: 'conflict', meaning: 'not possible in the present state' },
  unreachable: { http: 502, exit: 'unreachable', meaning: 'no answer from a server' },
  problems: { http: 422, exit: 'problems', meaning: 'a check found problems' },
  fault: { http: 500, exit: 'failed', meaning: 'the disk, network or system failed' },
} as const satisfies Record<string, { http: number; exit: ExitName; meaning: string }>;

export type ErrorKind = keyof typeof errorKinds;

export interface ErrorRow {
  readonly kind: ErrorKind;
  /** What failed, on what, and why. `{name}` stands for a parameter. */
  readonly text: string;
  /** What to do about it; begins with a verb. May have parameters as well. */
  readonly hint?: string;
  /** The hint where the parameter `near` holds what was probably meant. */
  readonly near?: string;
  /** Where it differs from that of the kind. */
  readonly http?: number;
  readonly exit?: ExitName;
}

export type ErrorRows = Readonly<Record<string, ErrorRow>>;

/** The rows of one area. */
export function errorRows<const Rows extends ErrorRows>(rows: Rows): Rows {
  return rows;
}

export type ErrorValue = string | number;

/** `{name}` in a template. */
export type ParameterOf<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

/** The text of a template with these values, each as the text that it is. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, { toString(): string }>>,
): string {
  return template.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}
