#!/usr/bin/env node
import { runToExit } from '../scripts/run.mjs';

await runToExit('cli', process.argv.slice(2));
