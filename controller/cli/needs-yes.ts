import { ZdmsError } from '../../lib/zdms-error.ts';

/** For a verb that asks first, where nobody can be asked. `look`: what to look at before. */
export function needsYes(look: string): ZdmsError {
  return new ZdmsError('ZDMS_NEEDS_YES', 'nobody can be asked here', `Look at ${look}, then add --yes.`);
}
