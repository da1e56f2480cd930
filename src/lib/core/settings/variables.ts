// Names of environment variables: those that dp reads, and the one that was probably meant by another name.

import { closest } from './closest.js';
import { settingVariable } from './layers.js';
import { settingNames, settingRow } from './settings.js';
import { startupNames, startupVariables } from './startup.js';
import type { VariableProblem } from './variable-text.js';

/** Variables that commands read besides those of settings and start options; the manual lists them. */
const ofCommands = ['DP_AUTH', 'DP_DEBUG', 'DP_RUNTIME', 'DP_SERVER'];

/** Every variable that dp reads. */
export const knownVariables: ReadonlySet<string> = new Set([
  ...startupNames.flatMap(startupVariables),
  ...settingNames.filter((name) => !settingRow(name).isInternal).map(settingVariable),
  ...ofCommands,
]);

/** Variables that look like those of dp but are not read. `isOurs`: they are in a file that only dp reads. */
export function unknownVariables(
  names: Iterable<string>,
  options: { isOurs?: boolean } = {},
): VariableProblem[] {
  const problems: VariableProblem[] = [];
  for (const name of names) {
    if (knownVariables.has(name)) continue;
    const meant = meantBy(name, options.isOurs ?? false);
    if (meant === undefined && !/^DP_/i.test(name)) continue;
    // A service manager may set its own variables for every program called dp.
    if (!options.isOurs && isOfKubernetes(name)) continue;
    problems.push({
      message: `unknown variable ${name}: it has no effect`,
      hint:
        meant === undefined
          ? "'dp serve --help' and 'man dp.conf' list the names."
          : `Did you mean ${meant}?`,
    });
  }
  return problems;
}

const startVariables: ReadonlySet<string> = new Set(startupNames.flatMap(startupVariables));

/** What a shell would replace at the beginning of a path. */
const shellWord = /^(?:~\/|\$\{\w+\}(?=\/|$)|\$[A-Za-z_]\w*(?=\/|$)|\$\(|`)/;

/** Lines of a start file that set a variable without an effect on dp: an empty option, `Environment=DP_…`. */
export function vainVariables(values: Readonly<Record<string, string>>): VariableProblem[] {
  const problems: VariableProblem[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === '' && startVariables.has(name)) {
      problems.push({
        message: `${name} is empty: it has no effect`,
        hint: `write ${name}=true or the value that it should have, or remove the line`,
      });
    }
    if (startVariables.has(name)) {
      const swallowed = /[\s;](?:export\s+)?(DP_\w+)=/.exec(value)?.[1];
      if (swallowed !== undefined) {
        problems.push({
          message: `${swallowed} is not set: it is in the value of ${name}`,
          hint: `write ${swallowed}=VALUE in a separate line`,
        });
      }
      const unreplaced = shellWord.exec(value)?.[0];
      // --record knows the home folder.
      if (unreplaced !== undefined && !(unreplaced === '~/' && name === 'DP_RECORD')) {
        problems.push({
          message: `${name}: '${unreplaced}' is taken as it is; only shells replace it`,
          hint: 'write the complete path',
        });
      }
    }
    const inside = /^(?:export\s+)?(DP_\w+)=/i.exec(value)?.[1];
    if (inside !== undefined && !/^DP_/i.test(name)) {
      problems.push({
        message: `unknown variable ${name}: ${inside} is not set`,
        hint: `write the line as ${inside}=VALUE`,
      });
    }
  }
  return problems;
}

function meantBy(name: string, isOurs: boolean): string | undefined {
  const upper = name.toUpperCase().replaceAll('-', '_');
  if (knownVariables.has(upper)) return upper;
  // In our own file the prefix may have been forgotten; in the environment, PORT belongs to other programs.
  if (isOurs && knownVariables.has(`DP_${upper}`)) return `DP_${upper}`;
  return upper.startsWith('DP_') ? closest(upper, knownVariables) : undefined;
}

/** `DP_SERVICE_HOST`, `DP_PORT_27750_TCP_ADDR`: set by Kubernetes for every service. */
function isOfKubernetes(name: string): boolean {
  return /^DP_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/.test(name);
}
