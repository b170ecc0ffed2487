/** The servers of one backend in HAProxy's statistics (CSV): name -> status, as HAProxy writes it ("UP", "DRAIN", "MAINT", "DOWN 1/2"). */
export function serverStatuses(csv: string, backend: string): Readonly<Record<string, string>> {
  const [head = '', ...rows] = csv.split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const [pxname, svname, status] = ['pxname', 'svname', 'status'].map((name) => columns.indexOf(name));
  if (pxname === undefined || svname === undefined || status === undefined || Math.min(pxname, svname, status) < 0) {
    throw new Error('not the statistics of HAProxy: the columns pxname, svname and status are not all there');
  }
  const statuses: Record<string, string> = {};
  for (const row of rows) {
    const fields = row.split(',', Math.max(pxname, svname, status) + 1);
    const server = fields[svname];
    if (fields[pxname] !== backend || server === undefined || server === 'FRONTEND' || server === 'BACKEND') continue;
    statuses[server] = fields[status] ?? '';
  }
  return statuses;
}

/** Does the balancer send it new users? "UP 1/2" is on its way down but still gets them. */
export function getsUsers(status: string): boolean {
  return status === 'UP' || status.startsWith('UP ') || status === 'no check';
}
