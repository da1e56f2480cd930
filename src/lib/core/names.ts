// When two names are the same name: how people are recognised, whatever their keyboards and clients send. Names are kept
// and shown as they were typed.

/** Characters that show nothing: Unicode's default-ignorable ones (zero width, soft hyphen, direction …) and controls. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;
const blanks = /[\p{Z}\s]+/gu;

/**
 * The form in which names are compared: compatibility forms (NFKC) and letter case do not count, nor do invisible
 * characters and blanks around the name. '' where nothing of the name can be seen.
 */
export function canonicalName(name: string): string {
  // Nearly all names, and a session with hundreds of people compares them at each join.
  if (/^[!-~]+$/.test(name)) return name.toLowerCase();
  const visible = name.normalize('NFKC').replace(invisible, '').replace(blanks, ' ').trim();
  // Upper case first: it takes ß and ſ apart, which lower case alone keeps.
  return visible.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

export function isSameName(a: string, b: string): boolean {
  return a === b || canonicalName(a) === canonicalName(b);
}

/** What has exactly this name, else the first that has the same one: an original server can have both. */
export function findByName<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
): T | undefined {
  return list.find((each) => each.name === name) ?? list.find((each) => isSameName(each.name, name));
}
