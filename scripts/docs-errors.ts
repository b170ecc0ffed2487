/** `npm run docs:errors`: rewrites docs/reference/errors.md from the sources. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderErrorReference } from './error-reference.ts';

const root = new URL('..', import.meta.url).pathname;

mkdirSync(`${root}docs/reference`, { recursive: true });
writeFileSync(`${root}docs/reference/errors.md`, renderErrorReference(root));
console.log('wrote docs/reference/errors.md');
