import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { firstHosts, readTopology, type LabHost, type Topology } from '../topology.ts';
import { packFiles } from '../virtual-machines/host-package.ts';
import { removeMountPoint, startMachines } from '../virtual-machines/vagrant.ts';
import { prepareVirtualSystems, type VirtualSystems } from '../virtual-machines/virtual-systems.ts';
import { createLabCgroup, endLabCgroup, isPoweredOn } from './cgroup.ts';
import type { BuildOptions } from './base-system.ts';
import { createIdentities, createLayer } from './host-disk.ts';
import { isRpmRole, prepareHostSystems, type HostSystems } from './host-system.ts';
import { probeHosts, waitUntilReady } from './host-readiness.ts';
import { isCableIn, startContainer } from './lab-host.ts';
import {
  KNOWN_HOSTS_FILE,
  LOG_DIRECTORY,
  NETWORK_NAMESPACE,
  NETWORK_NAMESPACE_FILE,
  OPERATOR_KEY_FILE,
  REPOSITORY_PORT,
  RUN_DIRECTORY,
  SSH_CONFIG_FILE,
  TEMPORARY_DIRECTORY,
} from './lab-layout.ts';
import { readState, writeState } from './lab-state.ts';
import { claimMarker, isOwnedByUs, keepLab, occupationOf, readMarker, removeMarker, type Marker } from './marker.ts';
import { createNetwork, isNamespaceDirectoryMounted, raiseInotifyLimit, removeNetwork } from './network.ts';
import { createRepository, SERVED_DIRECTORY } from './repository.ts';
import { inLab, startDetached } from './spawn-in-lab.ts';

export { labCut, labExec, labHeal, labKill, labStart, type ExecOptions } from './lab-host.ts';
export {
  offerPackages as labOffer,
  publishDemo as labPublish,
  publishLibrary as labPublishLibrary,
  withdrawDemo as labWithdraw,
} from './repository.ts';
export { labSpawn } from './spawn-in-lab.ts';

/** The values of `lab up --backend`. */
export const labBackEnds = ['nspawn', 'vagrant'] as const;
export type LabBackEndName = (typeof labBackEnds)[number];

export interface LabUpOptions {
  /** A name in vagrant/topologies; default `default`. */
  readonly topology?: string;
  /** Only so many of its hosts, from the first on; default all. */
  readonly hosts?: number | undefined;
  /** What hosts are: containers of systemd-nspawn (the default), or virtual machines that Vagrant makes. */
  readonly backEnd?: LabBackEndName;
  /** Called with one line for each thing that was begun or is done. */
  readonly progress?: (line: string) => void;
  /** Aborting stops the work; what was made so far is removed. */
  readonly signal?: AbortSignal;
  /** The lab stays when this process ends; otherwise a later run treats it as a leftover then. */
  readonly keep?: boolean;
}

/** Where things of a running lab are. */
export interface LabPaths {
  readonly operatorKeyFile: string;
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;
  readonly repositoryDirectory: string;
  readonly repositoryLogFile: string;
  readonly logDirectory: string;
  readonly networkNamespace: string;
  readonly controllerAddress: string;
}

export interface LabHostStatus extends LabHost {
  readonly power: 'on' | 'off';
  readonly cable: 'in' | 'out';
  /** Answers ssh and does what its role is for. */
  readonly ready: boolean;
}

const REPOSITORY_SERVER = join(import.meta.dirname, 'repository-server', 'main.ts');
const REPOSITORY_LOG_FILE = join(LOG_DIRECTORY, 'repository-access.log');
const STATUS_PROBE_MS = 500;
// Two clearings of leftovers in a row mean that somebody else is at it too.
const CLAIM_ATTEMPTS = 3;

/**
 * Builds the lab and waits until every host serves. Leftovers of a crashed run, of whatever checkout, are cleared first.
 * On any failure, and when aborted, nothing is left. Throws ZdmsError with a code ZDMS_LAB_...
 */
export async function labUp(options: LabUpOptions = {}): Promise<Topology> {
  const { progress = () => undefined, signal } = options;
  const topology = firstHosts(readTopology(options.topology ?? 'default'), options.hosts);
  if (process.getuid?.() !== 0)
    throw new ZdmsError('ZDMS_ROOT_REQUIRED', 'the lab needs root', 'run it again as root, for example with sudo');
  await claimLab(progress);
  try {
    await build(topology, options.backEnd ?? 'nspawn', { progress, signal });
    if (options.keep === true) keepLab();
    return topology;
  } catch (error) {
    progress('clearing what was made so far');
    await labDown();
    // What an interrupted command says is noise.
    throw signal?.aborted === true ? signal.reason : error;
  }
}

async function build(topology: Topology, backEnd: LabBackEndName, options: BuildOptions): Promise<void> {
  const { progress, signal } = options;
  await rm(RUN_DIRECTORY, { recursive: true, force: true });
  createLabCgroup('spawned');
  const systems = await (backEnd === 'nspawn'
    ? prepareHostSystems(options, topology.hosts)
    : prepareVirtualSystems(options));
  await mkdir(LOG_DIRECTORY, { recursive: true });
  writeState({ topology, systems });
  raiseInotifyLimit();
  await Promise.all([
    createNetwork(topology),
    createRepository(topology.controllerAddress, REPOSITORY_PORT, {
      offeredDirectory: systems.offeredDirectory,
      withRpms: topology.hosts.some((host) => isRpmRole(host.role)),
    }),
  ]);
  startRepositoryServer(topology);
  await startHosts(topology, systems, options);
  const onReady = (host: string): void => {
    progress(`${host} is ready`);
  };
  await waitUntilReady(topology.hosts, { allServers: true, onReady, signal });
}

async function startHosts(
  topology: Topology,
  systems: HostSystems | VirtualSystems,
  options: BuildOptions,
): Promise<void> {
  switch (systems.kind) {
    case 'containers':
      await createIdentities(topology, (host, files) => createLayer(host, files, systems.baseDirectory));
      options.signal?.throwIfAborted();
      for (const host of topology.hosts) startContainer(host, systems);
      options.progress(`${String(topology.hosts.length)} hosts are booting`);
      return;
    case 'virtual-machines':
      await createIdentities(topology, packFiles);
      return startMachines(topology, systems, options);
  }
}

function startRepositoryServer(topology: Topology): void {
  const argv = [
    process.execPath,
    REPOSITORY_SERVER,
    SERVED_DIRECTORY,
    topology.controllerAddress,
    String(REPOSITORY_PORT),
    REPOSITORY_LOG_FILE,
  ];
  startDetached(inLab(argv), join(LOG_DIRECTORY, 'repository-server.log'));
}

async function claimLab(progress: (line: string) => void): Promise<void> {
  for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt += 1) {
    const marker = readMarker();
    switch (occupationOf(marker)) {
      case 'free':
        if (existsSync(NETWORK_NAMESPACE_FILE)) {
          throw new ZdmsError(
            'ZDMS_LAB_NAME_TAKEN',
            `there is a network namespace ${NETWORK_NAMESPACE} that no lab made`,
            `if nobody needs it: ip netns delete ${NETWORK_NAMESPACE}`,
          );
        }
        break;
      case 'owned':
        throw busy(marker);
      case 'kept':
        throw new ZdmsError(
          'ZDMS_LAB_ALREADY_UP',
          `a lab of ${marker?.checkout ?? ''} is up on this machine`,
          './scripts/lab down',
        );
      case 'leftover':
        progress('clearing what an earlier run left');
        if (marker) await clear(marker);
    }
    if (claimMarker(!isNamespaceDirectoryMounted())) return;
  }
  throw busy(readMarker());
}

function busy(marker: Marker | null): ZdmsError {
  const message = `process ${String(marker?.owner?.pid)} of ${marker?.checkout ?? 'another checkout'} uses the lab of this machine`;
  return new ZdmsError('ZDMS_LAB_BUSY', message, 'wait until it ends, or stop it; there is one lab per machine');
}

/**
 * Ends the machine's lab and leaves nothing of it: processes, mounts, network, cgroups, run-time files. The cache stays.
 * Returns false when there was none. Throws ZDMS_LAB_BUSY when another living process uses it.
 */
export async function labDown(): Promise<boolean> {
  const marker = readMarker();
  if (marker === null) return false;
  if (occupationOf(marker) === 'owned' && !isOwnedByUs(marker)) throw busy(marker);
  await clear(marker);
  return true;
}

async function clear(marker: Marker): Promise<void> {
  await endLabCgroup();
  await removeNetwork(marker.broughtNamespaceDirectory);
  await removeMountPoint();
  // The path comes from a file, so it is only trusted as far as it looks like ours.
  if (basename(marker.runDirectory) === 'run') await rm(marker.runDirectory, { recursive: true, force: true });
  await rm(TEMPORARY_DIRECTORY, { recursive: true, force: true });
  removeMarker();
}

/** Power, cable and readiness of each host. Throws ZDMS_LAB_NOT_UP. */
export async function labStatus(): Promise<LabHostStatus[]> {
  const { hosts } = labTopology();
  const ready = await probeHosts(hosts, STATUS_PROBE_MS);
  return Promise.all(
    hosts.map(async (host) => ({
      ...host,
      power: isPoweredOn(host.name) ? 'on' : 'off',
      cable: (await isCableIn(host.name)) ? 'in' : 'out',
      ready: ready.has(host.name),
    })),
  );
}

/** The topology of the running lab. Throws ZDMS_LAB_NOT_UP. */
export function labTopology(): Topology {
  return readState().topology;
}

/** Throws ZDMS_LAB_NOT_UP. */
export function labPaths(): LabPaths {
  return {
    operatorKeyFile: OPERATOR_KEY_FILE,
    knownHostsFile: KNOWN_HOSTS_FILE,
    sshConfigFile: SSH_CONFIG_FILE,
    repositoryDirectory: SERVED_DIRECTORY,
    repositoryLogFile: REPOSITORY_LOG_FILE,
    logDirectory: LOG_DIRECTORY,
    networkNamespace: NETWORK_NAMESPACE,
    controllerAddress: labTopology().controllerAddress,
  };
}
