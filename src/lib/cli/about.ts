// What dp says about itself.

import { currentProtocol } from '../core/protocol/version.js';

/** `major.minor` of the newest protocol that the server speaks, as the original shows it (cli.md §1). */
export const protocolVersion = currentProtocol.replace(/^dp:\d+\./, '');
