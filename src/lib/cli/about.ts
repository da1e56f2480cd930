// What dp says about itself.

import { currentProtocol } from '../core/protocol/version.js';

/** The drawpile-srv whose options, files and API this is: scripts compare the number. */
export const originalVersion = '2.3.1';

/** `major.minor` of the newest protocol that the server speaks, as the original shows it (cli.md §1). */
export const protocolVersion = currentProtocol.replace(/^dp:\d+\./, '');
