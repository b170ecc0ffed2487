import { begins, ends, forNow } from './fault-lines.ts';

/** Agents that do not say what is so. */
export const agentLines = [
  begins('the agent of HOSTS falls silent', (host) => ({ kind: 'agent-silent', host, ...forNow })),
  begins('the agents of HOSTS fall silent', (host) => ({ kind: 'agent-silent', host, ...forNow })),
  ends('the agent of HOSTS speaks again', 'agent-silent'),
  ends('the agents of HOSTS speak again', 'agent-silent'),
];
