import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { BmcError } from '../../controller/ports/bmc.ts';
import type { Bmc, BmcErrorKind } from '../../controller/ports/bmc.ts';

/** A machine that is on, its management controller, and what the contract does to both beside the port. */
export interface BmcWorld {
  readonly bmc: Bmc;
  readonly password: string;
  /** The same controller, by an account whose password has changed. */
  withPassword(password: string): Bmc;
  /** One where nobody listens, and one that takes everything and never answers. */
  nobody(): Bmc;
  silent(): Bmc;
  switchOff(): void | Promise<void>;
  /** From now on the controller does what it is told, and its answer is lost. */
  loseAnswers(): void;
  /** Answers arrive again, and whatever was sent meanwhile is done. */
  findAnswers(): void;
  /** What was done to the machine, after all of it was done and it is on again. */
  done(): Promise<readonly ('cycled' | 'switched on')[]>;
  close(): Promise<void>;
}

/** What every way to a management controller has to do. `open` makes a machine. */
export function bmcContract(name: string, open: () => Promise<BmcWorld>): void {
  describe(`a management controller by ${name}`, () => {
    let world: BmcWorld;

    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());

    async function failsWith(kind: BmcErrorKind, work: Promise<unknown>): Promise<string> {
      const error = await work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof BmcError, `expected ${kind}, got ${String(error)}`);
      assert.equal(error.kind, kind, error.message);
      assert.ok(!error.message.includes(world.password), 'no message has the password in it');
      return error.message;
    }

    it('tells whether the machine is on', async () => {
      assert.equal(await world.bmc.readPower(), 'on');

      await world.switchOff();

      assert.equal(await world.bmc.readPower(), 'off');
    });

    it('takes the power of a machine away and gives it back', async () => {
      await world.bmc.powerCycle();

      assert.deepEqual(await world.done(), ['cycled']);
      assert.equal(await world.bmc.readPower(), 'on');
    });

    it('switches on a machine that is off', async () => {
      await world.switchOff();

      await world.bmc.powerCycle();

      assert.deepEqual(await world.done(), ['switched on']);
      assert.equal(await world.bmc.readPower(), 'on');
    });

    it('refuses a wrong password, and says which user', async () => {
      const stranger = world.withPassword('not-this-one');

      assert.match(await failsWith('refused', stranger.readPower()), /zdms/);
      assert.match(await failsWith('refused', stranger.powerCycle()), /zdms/);
      assert.deepEqual(await world.done(), []);
    });

    it('is unreachable where nobody listens', async () => {
      await failsWith('unreachable', world.nobody().readPower());
      await failsWith('unreachable', world.nobody().powerCycle());
    });

    it('is unreachable at its deadline where nobody answers', async () => {
      await failsWith('unreachable', world.silent().readPower());
      await failsWith('unreachable', world.silent().powerCycle());
    });

    it('does not know what was done when the answer is lost, and never does it again', async () => {
      world.loseAnswers();

      await failsWith('unknown', world.bmc.powerCycle());

      world.findAnswers();
      assert.deepEqual(await world.done(), ['cycled']);
    });
  });
}
