import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readAgentMessage } from '../../../controller/api/agent-message.ts';
import type { AgentMessage__Output } from '../../../proto/generated/zdms/v1/AgentMessage.ts';

const used = { name: 'zdemo', installed: '1.0', candidate: '1.1', held: false, offers: [], usedBy: ['zdemo.service'] };
const survey = { surveyedAtMs: 5, rebootNeeded: false, rebootReasons: [], staleServices: [], error: '' };
const report = { agentVersion: '', os: '', kernel: '', hardwareModel: '', failedUnits: [], labels: {} };

function usesIn(usesKnown: boolean): unknown {
  const packages = [{ ...used, rebootBecause: '' }];
  const message = {
    bootId: '11111111-2222-3333-4444-555555555555',
    checks: [],
    report: { ...report, survey: { ...survey, usesKnown, packages } },
  };
  const beat = readAgentMessage(message as unknown as AgentMessage__Output, 7);
  return beat?.report?.survey?.packages.map(({ name, use }) => ({ name, use }));
}

describe('the message of an agent', () => {
  it('tells who uses a package', () => {
    assert.deepEqual(usesIn(true), [{ name: 'zdemo', use: { usedBy: ['zdemo.service'], rebootBecause: '' } }]);
  });

  it('of an agent that cannot tell calls no package unused', () => {
    assert.deepEqual(usesIn(false), [{ name: 'zdemo', use: undefined }]);
  });
});
