import type { OrderBody, OrderedFile, OrderedFirmware } from '../../proto/zdms/v1/executor.ts';

export function filesOf({ files }: OrderBody): readonly OrderedFile[] {
  return files ?? [];
}

export function firmwareOf({ firmware }: OrderBody): readonly OrderedFirmware[] {
  return firmware ?? [];
}

/**
 * False for an order of files and firmware alone: its host may not be drained, so nothing of an update is done on it (no service is
 * restarted for reasons that were there before), and the package manager is left to others. An order of nothing at all is there for the
 * update itself.
 */
export function bringsPackages(order: OrderBody): boolean {
  const bringsOthers = filesOf(order).length + firmwareOf(order).length > 0 || order.filesBack !== undefined;
  return order.packages.length + order.wayBack.length > 0 || !bringsOthers;
}

/** Is a host on which people are logged in not to be rebooted? */
export function sparesUsers({ loggedInUsers }: OrderBody): boolean {
  return loggedInUsers === 'refuse';
}
