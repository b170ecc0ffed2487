import { BootLife } from '../../../vagrant/in-process/boot-life.ts';
import { simulatedPackages } from '../../../vagrant/in-process/simulated-packages.ts';
import { digestOf, SimulatedRepository } from '../../../vagrant/in-process/simulated-repository.ts';
import { SimulatedSystem } from '../../../vagrant/in-process/simulated-system.ts';
import { openStepContext } from '../../../agent/executor/step-log.ts';
import type { PackagesWorld } from '../../contracts/packages.contract.ts';
import { demoPackages } from './demo-packages.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';

const pace = { listsMs: 0, fetchMs: 0, installMs: 0, goingDownMs: 0, downMs: 0, lockWaitMs: 0 };

/** The package manager of in-process hosts as the contract wants it. */
export function openSimulatedWorld(): Promise<PackagesWorld> {
  const repository = new SimulatedRepository();
  for (const { name, version, dropped } of demoPackages) if (dropped !== true) repository.publish(name, version);
  const system = new SimulatedSystem(repository, pace);
  for (const { name } of demoPackages) system.packages.set(name, { version: '1.0.0', state: 'installed' });
  let killed: string | null = null;
  const packages = simulatedPackages({
    system,
    boot: new BootLife(),
    restartService: async (name) => {
      await Promise.resolve();
      if (name !== killed) return;
      killed = null;
      throw new StepFailure('package-manager-failed', 'killed');
    },
  });
  const refuse = (): Promise<never> => Promise.reject(new Error('its packages are only names and versions'));
  const context = () => openStepContext('/dev/null');
  return Promise.resolve({
    subject: {
      ...packages,
      async preflight(targets) {
        const its = context();
        await packages.preflight(targets, its);
        return its.remarks;
      },
      fetch: (targets, wayBack) => packages.fetch(targets, wayBack, context()),
      async install(targets) {
        const its = context();
        await packages.install(targets, its);
        return its.remarks;
      },
    },
    version: (plain) => plain,
    hasContents: false,
    ...{ run: refuse, markAutomatic: refuse, isAutomatic: refuse },
    truth: (name) => Promise.resolve(system.installedVersion(name)),
    keptDigest: (name, version) =>
      Promise.resolve(system.archives.has(`${name}=${version}`) ? digestOf(name, version) : null),
    hold(name) {
      system.held.add(name);
      return Promise.resolve();
    },
    cutOff() {
      system.faults.mirrorBroken = true;
    },
    lock() {
      system.faults.lockHeldBy = 'lock-frontend is held by process 7 (apt-get)';
      return Promise.resolve('apt-get');
    },
    breakScript(name) {
      system.faults.scriptFails = name;
    },
    killOnce(name) {
      killed = name;
    },
    close: () => Promise.resolve(),
  });
}
