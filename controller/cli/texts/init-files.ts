/** What `zdms init` writes into controller.yaml; paths are absolute. */
export interface ControllerFileValues {
  readonly listen: string;
  readonly advertise: string;
  readonly socket: string;
  readonly state: string;
  readonly fleet: string;
}

/** The text of a new controller.yaml. */
export function controllerFileText({ listen, advertise, socket, state, fleet }: ControllerFileValues): string {
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
policy: {onFailure: hold, stopAfter: {hosts: 1}}
`;
}
