import { durationText } from '../../lib/duration-text.ts';
import type { Sentences } from './sentence.ts';

/** Why a plan leaves a host as it is. */
export const sentencesOfLeftOut = {
  'nothing-to-do': { verdict: 'left out', because: () => 'it has everything that the change asks for' },
  'no-report': {
    verdict: 'left out',
    because: () => 'its agent has never reported. `zdms host install` puts the agent on it',
  },
  'survey-old': {
    verdict: 'left out',
    because: ({ ageMs }) =>
      `its last survey is ${durationText(ageMs)} old, and versions have moved on. Run \`zdms-agent survey\` on it`,
  },
  'survey-failed': {
    verdict: 'left out',
    because: ({ detail }) =>
      `its survey could not be finished: ${detail}. Mend that, then run \`zdms-agent survey\` on it`,
  },
  'changed-since': {
    verdict: 'left out',
    because: (reason) =>
      `it has ${reason.package} ${reason.installed}, and no longer the ${reason.brought} that is to be undone. Name the version that it is to have instead`,
  },
  'version-not-offered': {
    verdict: 'left out',
    because: (reason) =>
      `its package sources do not offer ${reason.package} ${reason.version}. Refresh them, or ask for a version that they offer`,
  },
  'package-held': {
    verdict: 'left out',
    because: (reason) => `${reason.package} is on hold there. \`apt-mark unhold ${reason.package}\` lets it go`,
  },
  'fact-missing': {
    verdict: 'left out',
    because: ({ path, fact }) =>
      `${path} is to be filled with \`${fact}\`, and this host has none, or one that is no plain word. ${fact.startsWith('label.') ? '`zdms host label` sets it' : 'See what its agent reports: `zdms host show`'}`,
  },
  'firmware-not-offered': {
    verdict: 'left out',
    because: ({ device, version }) =>
      version === null
        ? `no device of it with firmware that could be updated now is named ${device}`
        : `${device} is not offered firmware ${version} there. \`fwupdmgr refresh\` gets new lists, and the next survey tells`,
  },
  'firmware-needs-reboot': {
    verdict: 'left out',
    because: ({ device }) => `${device} has new firmware only after a boot, and the change says \`reboot: never\``,
  },
  'machine-not-read': {
    verdict: 'left out',
    because: ({ detail }) => `nobody knows which firmware its machine has: ${detail}`,
  },
  'firmware-not-updateable': {
    verdict: 'left out',
    because: ({ device }) => `its management controller says that ${device} cannot be updated now`,
  },
  'no-way-back': {
    verdict: 'left out',
    because: (reason) =>
      `it could not go back to ${reason.package} ${reason.installed}: it has kept no copy, and its package sources offer none. Put one there, or sign it off in the change: \`wayBack: ifPossible\``,
  },
  'fix-pinned-away': {
    verdict: 'left out',
    because: (reason) =>
      `${reason.package} ${reason.version} would close it, and the host's own preferences keep ${reason.installed}. Lift that pin, or plan the version by name`,
  },
  'advisories-unknown': {
    verdict: 'left out',
    because: (reason) =>
      `nobody knows which CVEs its updates close (${reason.package} ${reason.version}${reason.updates > 1 ? ` and ${reason.updates - 1} more` : ''}): its package sources have no changelogs or advisories of them. Plan the versions by name`,
  },
} satisfies Partial<Sentences>;
