import type { Platform } from '../platform/platform.ts';
import { createHostPlatform } from '../platform/platform.ts';
import { Epoch } from './epoch.ts';
import type { ExecutorPaths } from './executor-paths.ts';
import { archivesDirectory, defaultExecutorPaths, epochDirectory } from './executor-paths.ts';
import type { StepTools } from './step-tools.ts';
import { StepJournal } from './step-journal.ts';

const defaultSelf = ['/usr/bin/zdms-agent'] as const;

/** What differs between this host and a test; each defaults to the host's. */
export type ExecutorSetting = {
  readonly paths?: ExecutorPaths;
  readonly platform?: Platform;
  /** The command that starts this very program; default `/usr/bin/zdms-agent`. */
  readonly self?: readonly string[];
  /** UTC ms; default: when this process began, since a session has one of its own. */
  readonly sessionStartedAtMs?: number;
};

/** Everything an executor works with. */
export type ExecutorDependencies = StepTools & {
  readonly paths: ExecutorPaths;
  readonly epoch: Epoch;
  /** How this program is started: `[...self, 'exec', '--job', TOKEN]` runs the detached part. */
  readonly self: readonly string[];
};

/** Everything an executor works with, for this host or for a test. */
export function executorDependencies(options: ExecutorSetting): ExecutorDependencies {
  const paths = options.paths ?? defaultExecutorPaths;
  const self = options.self ?? defaultSelf;
  return {
    paths,
    platform: options.platform ?? createHostPlatform(archivesDirectory(paths), self),
    journal: new StepJournal(paths),
    bootLogPath: paths.boots,
    epoch: new Epoch(epochDirectory(paths)),
    self,
    sessionStartedAtMs: options.sessionStartedAtMs ?? performance.timeOrigin,
  };
}
