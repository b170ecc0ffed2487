import { parseFleet } from '../../controller/config/fleet-file.ts';
import type { MaintenanceWindow } from '../../controller/core/fleet.ts';

/** A window as a fleet file says it: "Tue,Wed 22:00-05:00 Europe/Berlin". */
export function windowOf(text: string): MaintenanceWindow {
  const file = `fleet: shop\npolicy: {windows: [${JSON.stringify(text)}]}\n`;
  const [window] = parseFleet(file, 'fleet.yaml').policy.windows;
  if (window === undefined) throw new Error(`no window in ${text}`);
  return window;
}
