// What dp says about itself.

/** `major.minor` of the newest protocol that the server speaks, as the original shows it (cli.md §1). */
export const protocolVersion = '25.1';
