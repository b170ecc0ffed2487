import type { Bmc } from '../../ports/bmc.ts';
import type { BmcAccess } from './bmc-access.ts';
import { type BmcDeadlines, defaultDeadlines } from './deadlines.ts';
import { ipmiBmc } from './ipmi.ts';
import { libvirtBmc } from './libvirt.ts';
import { redfishBmc } from './redfish.ts';

/** The management controller of one machine. Connects to nothing yet. */
export function bmcOf(access: BmcAccess, deadlines: BmcDeadlines = defaultDeadlines): Bmc {
  switch (access.kind) {
    case 'ipmi':
      return ipmiBmc(access, deadlines);
    case 'libvirt':
      return libvirtBmc(access, deadlines);
    case 'redfish':
      return redfishBmc(access, deadlines);
  }
}
