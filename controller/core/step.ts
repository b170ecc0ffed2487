/** A row of the step table in docs/architecture.md. */
export type Step =
  | 'preflight'
  | 'fetch'
  | 'takeOut'
  | 'switchover'
  | 'drain'
  | 'apply'
  | 'updateFirmware'
  | 'rollback'
  | 'reboot'
  | 'powerCycle'
  | 'verify'
  | 'undrain'
  | 'settle';
