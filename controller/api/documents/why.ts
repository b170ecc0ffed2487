import type { AnswerDocument, WhyDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HostAnswer } from '../../ports/operations.ts';
import { reasonDocument } from './reason.ts';

/** What `zdms why HOST` prints. `now` is UTC ms. */
export function whyDocument(host: string, answers: readonly HostAnswer[], now: number): WhyDocument {
  return { host, answers: answers.map((each) => answerDocument(host, each, now)) };
}

function answerDocument(host: string, { rollout, state, answer }: HostAnswer, now: number): AnswerDocument {
  if (answer === null) {
    const text = `${host} is ${state}: nothing is in its way`;
    return { rollout, state, reason: null, text, rule: null, holders: [], earliest: null, mayDo: [] };
  }
  const { reason, text, rule, holders, earliest, mayDo } = answer;
  return { rollout, state, reason: reasonDocument(reason, now), text, rule, holders, earliest, mayDo };
}
