/** `npm run docs:reasons`: rewrites docs/reference/reasons.md from the sources. */
import { writeFileSync } from 'node:fs';
import { renderReasonReference } from './reason-reference.ts';
import { repositoryRoot } from './source-files.ts';

writeFileSync(`${repositoryRoot}docs/reference/reasons.md`, renderReasonReference());
console.log('wrote docs/reference/reasons.md');
