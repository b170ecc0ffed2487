import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { type InProcessLab, inProcessLabUp, servicePort } from '../../vagrant/in-process/in-process-lab.ts';
import type { LabHost, Topology } from '../../vagrant/topology.ts';
import { inProcessBackEnd } from '../lab/proof/in-process-back-end.ts';
import { installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const WEB_HOSTS = 200;

function webHost(index: number): LabHost {
  const zone = `z${index % 4}`;
  return { name: `web-${index}`, role: 'web', zone, rack: `${zone}-${index % 12}`, address: `10.77.2.${index}` };
}

const topology: Topology = {
  name: 'many',
  network: '10.77.0.0/16',
  controllerAddress: '10.77.0.1',
  prefixLength: 16,
  hosts: Array.from({ length: WEB_HOSTS }, (_, index) => webHost(index + 1)),
};

const fleetText = `fleet: many
topology: [zone, rack]
services:
  web: { hosts: { role: web }, size: ${WEB_HOSTS}, keepUp: 90%, check: { http: ':${servicePort}/healthz' } }
`;

describe('many in-process hosts', function () {
  // 6 s on two idle cores, most of it for key pairs and certificates; a busy machine needs several times that.
  this.timeout(180_000);
  let lab: InProcessLab | null = null;
  let zdms: ZdmsLab | null = null;

  afterEach(async () => {
    await (zdms ?? lab)?.down();
    removeTemporaryDirectories();
  });

  it(`${WEB_HOSTS} of them enrol, beat and serve in one process`, async () => {
    lab = await inProcessLabUp({ topology });
    const backEnd = { ...inProcessBackEnd(lab), fleetText: () => fleetText };

    zdms = await installZdms(backEnd, {
      ...{ directory: temporaryDirectory(), say: () => undefined, signal: new AbortController().signal },
    });

    const hosts = await zdms.client.listHosts();
    assert.equal(hosts.filter((host) => host.connected && host.serving).length, WEB_HOSTS);
  });
});
