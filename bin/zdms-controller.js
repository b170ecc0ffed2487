#!/usr/bin/env node
import './require-node.js';

await import('../controller/main.ts');
