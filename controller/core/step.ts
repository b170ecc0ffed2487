/** A row of the step table in docs/architecture.md. */
export type Step =
  'preflight' | 'fetch' | 'takeOut' | 'drain' | 'apply' | 'rollback' | 'reboot' | 'verify' | 'undrain' | 'settle';
