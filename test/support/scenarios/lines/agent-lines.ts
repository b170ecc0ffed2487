import { begins, ends, forNow } from './fault-lines.ts';

/** Agents that do not say what is so. */
export const agentLines = [
  begins('the agent(s) of HOSTS fall(s) silent', (host) => ({ kind: 'agent-silent', host, ...forNow })),
  ends('the agent(s) of HOSTS speak(s) again', 'agent-silent'),
];
