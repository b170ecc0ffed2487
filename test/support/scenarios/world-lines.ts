import { agentLines } from './lines/agent-lines.ts';
import { controllerLines } from './lines/controller-lines.ts';
import { hostLines } from './lines/host-lines.ts';
import { packageLines } from './lines/package-lines.ts';
import { serviceLines } from './lines/service-lines.ts';
import { setupLines } from './lines/setup-lines.ts';
import { timeLines } from './lines/time-lines.ts';
import type { WorldLine } from './world-line.ts';

/** All that can happen in a story. */
export const worldLines: readonly WorldLine[] = [
  ...setupLines,
  ...timeLines,
  ...controllerLines,
  ...agentLines,
  ...hostLines,
  ...packageLines,
  ...serviceLines,
];
