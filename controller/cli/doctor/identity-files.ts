import { join } from 'node:path';

/** The controller's certificates and keys, as `zdms init` made them below its state directory. */
export function identityFiles(state: string): readonly string[] {
  return ['ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem', 'order-key.pem', 'ssh-key'].map((name) =>
    join(state, 'identity', name),
  );
}
