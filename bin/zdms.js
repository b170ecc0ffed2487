#!/usr/bin/env node
import './require-node.js';

await import('../controller/cli/main.ts');
