/** What `needrestart -b` tells. Unknown is unknown: KSTA 0 is common on kernels that needrestart does not recognise. */
export type NeedrestartBatch = {
  readonly kernel: 'current' | 'pending' | 'unknown';
  readonly running: string;
  readonly expected: string;
  readonly microcode: 'current' | 'pending' | 'unknown';
};

/** KSTA 2 is a pending kernel with the same ABI, 3 one with another version. */
function kernelState(text: string | undefined): NeedrestartBatch['kernel'] {
  if (text === '1') return 'current';
  return text === '2' || text === '3' ? 'pending' : 'unknown';
}

function microcodeState(text: string | undefined): NeedrestartBatch['microcode'] {
  if (text === '1') return 'current';
  return text === '2' ? 'pending' : 'unknown';
}

/** Parses the standard output of `needrestart -b` (NEEDRESTART-KSTA and -UCSTA lines). Containers print no KSTA line. */
export function parseNeedrestartBatch(text: string): NeedrestartBatch {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^NEEDRESTART-([A-Z]+):\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, value.trim());
  }
  return {
    kernel: kernelState(fields.get('KSTA')),
    running: fields.get('KCUR') ?? '',
    expected: fields.get('KEXP') ?? '',
    microcode: microcodeState(fields.get('UCSTA')),
  };
}
