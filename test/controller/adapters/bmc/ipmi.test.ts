import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { IpmiAccess } from '../../../../controller/adapters/bmc/bmc-access.ts';
import { ipmiBmc } from '../../../../controller/adapters/bmc/ipmi.ts';
import type { ProgramResult } from '../../../../controller/adapters/bmc/run-program.ts';
import type { Bmc } from '../../../../controller/ports/bmc.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { failsWith } from './fails-with.ts';
import { fileWith, patient } from './redfish-access.ts';

const PASSWORD = 'ipmi-secret';

describe('the power of a machine by IPMI', () => {
  let access: IpmiAccess;
  let bmc: Bmc;
  /** Words of each ipmitool that was run. */
  let runs: (readonly string[])[];
  /** How ipmitool ends, by its last word. */
  let answers: Record<string, ProgramResult>;

  beforeEach(() => {
    runs = [];
    answers = { status: ended(0, 'Chassis Power is on\n') };
    access = {
      kind: 'ipmi',
      address: '10.0.9.1',
      port: 623,
      user: 'zdms',
      passwordFile: fileWith(`${PASSWORD}\n`),
      cipherSuite: 17,
    };
    bmc = ipmiBmc(access, patient, async (_program, words) => {
      runs.push(words);
      return answers[words.at(-1) ?? ''] ?? assert.fail(`nobody expected ${words.join(' ')}`);
    });
  });
  afterEach(removeTemporaryDirectories);

  function ended(exitCode: number | null, stdout: string, stderr = ''): ProgramResult {
    return { kind: 'ended', exitCode, stdout, stderr };
  }

  /** As ipmitool -v says it, with what it always says. */
  function cycleEndsWith(line: string): void {
    const chatter = 'Loading IANA PEN Registry...\nInvalid completion code received: Insufficient privilege level\n';
    answers['cycle'] = ended(1, '', `${chatter}${line}\n`);
  }

  it('is asked for with the rights of an operator, and without the password in sight', async () => {
    await bmc.readPower();

    const [words = []] = runs;
    assert.deepEqual(
      words.join(' '),
      `-I lanplus -C 17 -H 10.0.9.1 -p 623 -v -L OPERATOR -U zdms -f ${access.passwordFile} -R 2 -N 3 chassis power status`,
    );
    assert.ok(!words.join(' ').includes(PASSWORD));
  });

  it('is cycled by a request that ipmitool sends once', async () => {
    answers['cycle'] = ended(0, 'Chassis Power Control: Cycle\n');

    await bmc.powerCycle();

    assert.match(runs.at(-1)?.join(' ') ?? '', / -R 1 .* power cycle$/);
  });

  it('was cycled, even if the session could not be closed after that', async () => {
    answers['cycle'] = ended(1, 'Chassis Power Control: Cycle\n', 'Close Session command failed\n');

    await bmc.powerCycle();
  });

  for (const code of ['Insufficient privilege level', 'Command not supported in present state', 'Node busy']) {
    it(`was certainly not cycled when the controller says "${code}"`, async () => {
      cycleEndsWith(`Set Chassis Power Control to Cycle failed: ${code}`);

      assert.match(
        await failsWith('refused', bmc.powerCycle()),
        new RegExp(`10\\.0\\.9\\.1:623: power cycle: .*${code}`),
      );
    });
  }

  for (const line of [
    'Set Chassis Power Control to Cycle failed: Timeout',
    'Set Chassis Power Control to Cycle failed: Unspecified error',
    'Unable to set Chassis Power Control to Cycle',
    '',
  ]) {
    it(`may have been cycled when ipmitool says "${line}"`, async () => {
      cycleEndsWith(line);

      await failsWith('unknown', bmc.powerCycle());
    });
  }

  it('may have been cycled when ipmitool was killed at the deadline', async () => {
    answers['cycle'] = { kind: 'too-slow' };

    assert.match(await failsWith('unknown', bmc.powerCycle()), /within 20000 ms/);
  });

  it('was certainly not cycled when there was no session', async () => {
    cycleEndsWith('Error: Unable to establish IPMI v2 / RMCP+ session');
    await failsWith('unreachable', bmc.powerCycle());

    cycleEndsWith('> RAKP 2 HMAC is invalid\nError: Unable to establish IPMI v2 / RMCP+ session');
    await failsWith('refused', bmc.powerCycle());
  });

  it('is not known where ipmitool is not installed, or ends without a word', async () => {
    answers['status'] = { kind: 'not-started', detail: 'ipmitool is not installed here' };
    assert.match(await failsWith('unreachable', bmc.readPower()), /ipmitool is not installed here/);

    answers['status'] = ended(null, '');
    assert.match(await failsWith('unreachable', bmc.readPower()), /ended with a signal/);
  });

  it('is not guessed from an answer that nobody knows', async () => {
    answers['status'] = ended(0, 'Chassis Power is weak\n');

    assert.match(await failsWith('bad-answer', bmc.readPower()), /weak/);
  });

  it('comes with no firmware service', () => {
    assert.equal(bmc.firmware, null);
  });
});
