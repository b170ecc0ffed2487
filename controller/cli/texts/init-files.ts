/** What `zdms init` writes into controller.yaml; paths are absolute. */
export interface ControllerFileValues {
  readonly listen: string;
  readonly advertise: string;
  readonly socket: string;
  readonly state: string;
  readonly fleet: string;
  readonly limits: string;
}

/** The text of a new controller.yaml. */
export function controllerFileText({ listen, advertise, socket, state, fleet, limits }: ControllerFileValues): string {
  // JSON strings are YAML strings.
  return `# How this controller runs. Read at its start.
agents:
  # Where agents are served, and what they are told.
  listen: ${JSON.stringify(listen)}
  advertise: ${JSON.stringify(advertise)}
# Operators (root and the group zdms) come in here.
operatorSocket: ${JSON.stringify(socket)}
# Journal and keys. Back it up.
state: ${JSON.stringify(state)}
fleet: ${JSON.stringify(fleet)}
limits: ${JSON.stringify(limits)}
# metrics: {listen: "127.0.0.1:9464"}   # for Prometheus, at /metrics; nobody is asked who he is there
`;
}

/** The text of a new fleet.yaml: good as it is, with examples to be uncommented. */
export function fleetFileText(fleetName: string): string {
  return `# What must stay up, and how many hosts of it may be out at once. Read anew by every \`zdms plan\`.
fleet: ${JSON.stringify(fleetName)}

# Levels of failure domains, outermost first; each host carries one label per level (zdms host install ... --label zone=a).
topology: []
# topology: [zone, rack]

services: {}
# services:
#   web:
#     hosts: {role: web}                      # hosts with these labels, or a list of ids
#     size: 6                                 # how many there are when all is well
#     keepUp: 4                               # or maxOut: 2
#     oneAtATime: zone                        # hosts that are out lie in one zone
#     pool: {haproxy: [lb-1, lb-2], backend: web}
#     check: {http: ":8080/healthz"}          # asked on the host itself and by the controller
#     probe: {url: "http://shop.example/", perSecond: 20}

# hold: a failed host stays out for a person; undo: it goes back to its previous versions.
# With windows: ["Tue,Wed 22:00-05:00 Europe/Berlin"] hosts are taken out only then, by the clock on the wall there.
policy: {onFailure: hold, stopAfter: {hosts: 1}}
`;
}

/** The text of a new limits.yaml: the built-in limits, in so many words. */
export const limitsFileText = `# The last line of defence: what no plan, no rollout and no API can get past. Read again as soon as it changes.
# Only its owner may write it; while it cannot be read or trusted, nothing is taken out. \`off\` takes a limit away.

# halt: "why"                          # the kill switch: nothing disruptive begins anywhere while this line is here
maxOut: 34%                            # hosts out at once in the whole fleet: a number or a percentage
# perDomain: {zone: 3, rack: 1}        # hosts out at once in one domain, by level of the topology
# perModel: 2                          # hosts of one hardware model out at once
rebootsPerHour: 600
ramp: 1                                # a rollout begins with so many hosts, and doubles each time those are proven
errorBudget: {hosts: 5, within: 24h}   # so many failed hosts that nobody has accepted, over all rollouts, stop taking out
sameFailure: 2                         # the same failure on so many hosts stops a rollout
blindStop: 20%                         # more silent agents than this (and more than two): presume that we are blind
minimumAge: off                        # how long the fleet has to know a version before it is applied, for example 24h
confirmAbove: 50%                      # a plan for more of the fleet needs its number of hosts typed by a person
`;
