/** A row of the step table in docs/architecture.md. */
export type Step =
  'preflight' | 'fetch' | 'takeOut' | 'drain' | 'apply' | 'rollback' | 'reboot' | 'verify' | 'undrain' | 'settle';

/** Steps that need no slot. */
export const preparingSteps: readonly Step[] = ['preflight', 'fetch'];

/** Steps that take something from users; `halt` and a refusal of safety stop these and no others. */
export const disruptiveSteps: readonly Step[] = ['drain', 'apply', 'rollback', 'reboot'];
