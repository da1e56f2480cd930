#!/usr/bin/env node
// Like run.js, with oclif's development settings: full stack traces, no manifest cache.
import { execute } from '@oclif/core/execute';

await execute({ development: true, dir: import.meta.url });
