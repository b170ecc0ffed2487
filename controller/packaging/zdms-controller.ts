import { runController } from '../main.ts';

// What bin/zdms-controller.js is in a checkout: a package brings its own Node, so there is no version to look at first.
await runController();
