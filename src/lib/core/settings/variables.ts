// Names of environment variables: which ones dp reads, and what somebody meant who wrote another one.

import { closest } from './closest.js';
import { settingVariable } from './layers.js';
import { settingNames, settingRow } from './settings.js';
import { startupNames, startupVariables } from './startup.js';
import type { VariableProblem } from './variable-text.js';

/** Read by commands, besides settings and start options; the manual lists them. */
const ofCommands = ['DP_AUTH', 'DP_DEBUG', 'DP_RUNTIME', 'DP_SERVER'];

/** Every variable that means something to dp. */
export const knownVariables: ReadonlySet<string> = new Set([
  ...startupNames.flatMap(startupVariables),
  ...settingNames.filter((name) => !settingRow(name).isInternal).map(settingVariable),
  ...ofCommands,
]);

/** Variables that look like ours and are read by nobody. `isOurs`: they stand in a file that is for dp alone. */
export function unknownVariables(
  names: Iterable<string>,
  options: { isOurs?: boolean } = {},
): VariableProblem[] {
  const problems: VariableProblem[] = [];
  for (const name of names) {
    if (knownVariables.has(name)) continue;
    const meant = meantBy(name, options.isOurs ?? false);
    if (meant === undefined && !/^DP_/i.test(name)) continue;
    // What starts programs may set variables of its own for everything that is called dp.
    if (!options.isOurs && isOfKubernetes(name)) continue;
    problems.push({
      message: `${name} means nothing to dp: it has no effect`,
      hint:
        meant === undefined
          ? "'dp serve --help' and 'man dp.conf' list the names."
          : `Did you mean ${meant}?`,
    });
  }
  return problems;
}

const startVariables: ReadonlySet<string> = new Set(startupNames.flatMap(startupVariables));

/** Lines of a start file that set a variable, and yet say nothing to dp: an option left empty, `Environment=DP_…`. */
export function vainVariables(values: Readonly<Record<string, string>>): VariableProblem[] {
  const problems: VariableProblem[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === '' && startVariables.has(name)) {
      problems.push({
        message: `${name} is empty: it has no effect`,
        hint: `Write ${name}=true, or the value it should have, or remove the line.`,
      });
    }
    const inside = /^(?:export\s+)?(DP_\w+)=/i.exec(value)?.[1];
    if (inside !== undefined && !/^DP_/i.test(name)) {
      problems.push({
        message: `${name} means nothing to dp: ${inside} is not set`,
        hint: `Write the line as ${inside}=VALUE.`,
      });
    }
  }
  return problems;
}

function meantBy(name: string, isOurs: boolean): string | undefined {
  const upper = name.toUpperCase().replaceAll('-', '_');
  if (knownVariables.has(upper)) return upper;
  // In a file of ours the prefix may have been forgotten; in the environment PORT is somebody else's.
  if (isOurs && knownVariables.has(`DP_${upper}`)) return `DP_${upper}`;
  return upper.startsWith('DP_') ? closest(upper, knownVariables) : undefined;
}

/** `DP_SERVICE_HOST`, `DP_PORT_27750_TCP_ADDR`: made for every service, whatever its program reads. */
function isOfKubernetes(name: string): boolean {
  return /^DP_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/.test(name);
}
