#!/usr/bin/env node
import './require-node.js';

const { runController } = await import('../controller/main.ts');

await runController();
