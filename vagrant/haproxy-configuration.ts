import type { Topology } from './topology.ts';

/**
 * HAProxy's configuration for the balancers of a lab (HAProxy 2.6).
 * It tries nothing twice (`retries 0`, no redispatch), so that every failure of a server reaches the user and is counted.
 * There is no server-state file: a restart of HAProxy forgets drains, which whoever drained has to notice.
 */
export function haproxyConfiguration(topology: Topology): string {
  const servers = topology.hosts
    .filter((host) => host.role === 'web')
    .map((host) => `    server ${host.name} ${host.address}:80 check`);
  return `global
    log stdout format raw local0
    user haproxy
    group haproxy
    stats socket /run/haproxy/admin.sock mode 660 level admin
    stats timeout 60s
    maxconn 4000
    nbthread 1

defaults
    mode http
    log global
    option httplog
    # Only requests that failed are logged, with the server that failed them.
    option dontlog-normal
    retries 0
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s
    timeout http-keep-alive 60s
    # After a reload the old worker ends an idle connection with its next answer and not before: cut off in between, a request would fail.
    option idle-close-on-response

frontend users
    bind :80
    default_backend web

backend web
    balance roundrobin
    option httpchk GET /healthz
    # "after" also marks the errors that HAProxy itself answers.
    http-after-response set-header x-served-by %s
    default-server inter 500ms fall 2 rise 2
${servers.join('\n')}

# For observers: read-only, no admin rights.
frontend statistics
    bind :8404
    stats enable
    stats uri /stats
    option dontlog-normal
`;
}
