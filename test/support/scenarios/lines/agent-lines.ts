import { begins, ends, forNow } from './fault-lines.ts';

/** Agents that do not say what is so. */
export const agentLines = [
  begins('the agent(s) of HOSTS fall(s) silent', (host) => ({ kind: 'agent-silent', host, ...forNow })),
  begins('the agent(s) of HOSTS call(s) everything well', (host) => ({ kind: 'agent-lies', host, ...forNow })),
  ends('the agent(s) of HOSTS speak(s) again', 'agent-silent'),
];
