import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe } from 'mocha';
import type { IpmiAccess, LibvirtAccess, RedfishAccess } from '../../controller/adapters/bmc/bmc-access.ts';
import { bmcOf } from '../../controller/adapters/bmc/index.ts';
import { FileChassis } from '../support/ipmi/file-chassis.ts';
import { freeUdpPort, startIpmiSimulator } from '../support/ipmi/ipmi-simulator.ts';
import { LibvirtDaemon } from '../support/libvirt/libvirt-daemon.ts';
import { libvirtAccount } from '../support/libvirt/libvirt-account.ts';
import { needsProgram } from '../support/needs-program.ts';
import { RedfishSimulator } from '../support/redfish/redfish-simulator.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { bmcContract } from './bmc.contract.ts';
import type { BmcWorld } from './bmc.contract.ts';

/** What waits for something that comes, and what waits for something that never comes. */
const PATIENT = { readMs: 20_000, actMs: 20_000, inventoryMs: 20_000 };
const HASTY = { readMs: 1_000, actMs: 1_000, inventoryMs: 1_000 };

after(removeTemporaryDirectories);

function passwordFileWith(password: string): string {
  const file = join(temporaryDirectory(), 'password');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return file;
}

async function openRedfish(): Promise<BmcWorld> {
  const password = 'redfish-secret';
  const simulator = await RedfishSimulator.start({ user: 'zdms', password });
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const access: RedfishAccess = {
    kind: 'redfish',
    url: simulator.url,
    user: 'zdms',
    passwordFile: passwordFileWith(password),
    trust: { kind: 'fingerprint', sha256: simulator.fingerprint },
    system: null,
  };
  return {
    bmc: bmcOf(access, PATIENT),
    password,
    withPassword: (other) => bmcOf({ ...access, passwordFile: passwordFileWith(other) }, PATIENT),
    nobody: () => bmcOf({ ...access, url: 'https://127.0.0.1:1' }, PATIENT),
    silent: () => bmcOf({ ...access, url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` }, HASTY),
    switchOff: () => void (simulator.state.power = 'Off'),
    loseAnswers: () => simulator.fail({ kind: 'lost-after' }, /^POST/),
    findAnswers: () => simulator.mend(),
    async done() {
      await simulator.settled();
      return simulator.acted.map(({ body }) => (body['ResetType'] === 'On' ? 'switched on' : 'cycled'));
    },
    async close() {
      silent.close();
      await simulator.close();
    },
  };
}

async function openIpmi(): Promise<BmcWorld> {
  const directory = temporaryDirectory();
  const chassis = new FileChassis(directory);
  const simulator = await startIpmiSimulator({
    directory,
    port: await freeUdpPort(),
    chassisControl: chassis.command,
  });
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port, user, password, passwordFile } = simulator;
  const access: IpmiAccess = { kind: 'ipmi', address: '127.0.0.1', port, user, passwordFile, cipherSuite: 3 };
  let deadlines = PATIENT;
  const bmc = (): ReturnType<typeof bmcOf> => bmcOf(access, deadlines);
  return {
    bmc: { readPower: () => bmc().readPower(), powerCycle: () => bmc().powerCycle(), firmware: null },
    password,
    withPassword: (other) => bmcOf({ ...access, passwordFile: passwordFileWith(other) }, PATIENT),
    nobody: () => bmcOf({ ...access, port: 1 }, HASTY),
    silent: () => bmcOf({ ...access, port: silent.address().port }, HASTY),
    switchOff: () => void (chassis.power = 'off'),
    loseAnswers() {
      deadlines = { ...PATIENT, actMs: 5_000 };
      chassis.holdAnswers();
    },
    findAnswers: () => chassis.releaseAnswers(),
    async done() {
      // The simulator answers one request after the other, so an answer comes after all that was sent before it.
      while ((await bmc().readPower()) === 'off');
      return chassis.log.flatMap((line, index, log) => {
        if (line === 'power 0') return ['cycled'];
        return log[index - 1] === 'power 0' ? [] : ['switched on'];
      });
    },
    async close() {
      chassis.releaseAnswers();
      silent.close();
      await simulator.stop();
    },
  };
}

async function openLibvirt(): Promise<BmcWorld> {
  const daemon = await LibvirtDaemon.start(temporaryDirectory());
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const access: LibvirtAccess = { kind: 'libvirt', uri: daemon.uri, domain: 'test' };
  const password = 'libvirt-secret';
  const at = (port: number): string => `test+tcp://127.0.0.1:${port}/default`;
  return {
    bmc: bmcOf(access, PATIENT),
    password,
    // The daemon lets everybody in: this is a hypervisor of virsh's own that asks, and the user is the name of the file that the URI says.
    withPassword: (other) => bmcOf({ ...access, uri: libvirtAccount(temporaryDirectory(), password, other) }, PATIENT),
    nobody: () => bmcOf({ ...access, uri: at(1) }, PATIENT),
    silent: () => bmcOf({ ...access, uri: at((silent.address() as AddressInfo).port) }, HASTY),
    switchOff: () => daemon.switchOff(),
    loseAnswers: () => daemon.loseAnswers(),
    findAnswers: () => daemon.findAnswers(),
    done: async () => daemon.done().map((verb) => (verb === 'reset' ? 'cycled' : 'switched on')),
    async close() {
      silent.close();
      await daemon.stop();
    },
  };
}

bmcContract('Redfish', openRedfish);

describe('with OpenIPMI,', function () {
  this.timeout(60_000);
  before(function () {
    needsProgram(this, 'ipmitool');
    needsProgram(this, 'ipmi_sim');
  });

  bmcContract('IPMI', openIpmi);
});

describe('with libvirt,', function () {
  this.timeout(60_000);
  before(function () {
    needsProgram(this, 'virsh');
    needsProgram(this, 'libvirtd');
  });

  bmcContract('libvirt', openLibvirt);
});
