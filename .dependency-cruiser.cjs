/**
 * Who may import whom: docs/architecture.md draws these arrows, this file enforces them, and test/ground/dependency-arrows.test.ts
 * proves that each can fail. Packages and node: modules are free, except where a rule says otherwise.
 */
const OURS = '^(agent|bin|controller|lib|proto|scripts|test|vagrant)/';

/** Files under `folder` may import, of our own, only what `allowed` matches (and their own folder). */
function arrow(name, folder, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: folder },
    to: { path: OURS, pathNot: [folder, '^lib/', ...allowed] },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'core-imports-only-core-and-lib',
      comment: 'core is pure: no packages, no node: modules, nothing of ours but lib.',
      severity: 'error',
      from: { path: '^controller/core/' },
      to: { pathNot: ['^controller/core/', '^lib/'] },
    },
    {
      name: 'core-reaches-no-io',
      comment: 'What core uses of lib must be pure too.',
      severity: 'error',
      from: { path: '^controller/core/' },
      to: {
        reachable: true,
        path: '^(node:)?(child_process|dgram|dns|fs|http|http2|https|net|os|process|readline|timers|tls|worker_threads)(/promises)?$',
      },
    },
    {
      name: 'lib-knows-nobody',
      comment: 'lib is general code that knows no zdms noun.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: OURS, pathNot: ['^lib/'] },
    },
    arrow('config-to-core', '^controller/config/', ['^controller/core/'], 'config turns files into core types.'),
    arrow(
      'ports-to-core',
      '^controller/ports/',
      ['^controller/core/', '^proto/'],
      'ports are interfaces in words of core and of the wires.',
    ),
    arrow(
      'adapters-to-ports-and-core',
      '^controller/adapters/',
      ['^controller/(ports|core)/', '^proto/'],
      'adapters implement ports.',
    ),
    {
      name: 'adapters-know-no-other-port',
      comment: 'An adapter that needs another port gets it handed in by main.',
      severity: 'error',
      from: { path: '^controller/adapters/([^/]+)/' },
      to: { path: '^controller/adapters/', pathNot: '^controller/adapters/$1/' },
    },
    arrow(
      'runner-to-ports-and-core',
      '^controller/runner/',
      ['^controller/(ports|core)/', '^proto/'],
      'the runner gets its adapters from main.',
    ),
    arrow(
      'api-to-ports-and-core',
      '^controller/api/',
      ['^controller/(ports|core)/', '^proto/'],
      'the api gets what it serves from main.',
    ),
    arrow(
      'identity-to-ports-and-core',
      '^controller/identity/',
      ['^controller/(ports|core)/', '^proto/'],
      'identity gets its store from main.',
    ),
    arrow(
      'cli-to-operator-client',
      '^controller/cli/',
      ['^proto/', '^controller/(config|core|identity)/'],
      'the CLI speaks to a controller only as an operator client.',
    ),
    {
      name: 'only-check-works-offline',
      comment:
        'Of the CLI only `check`, `schema` and `doctor` may use config and core: they tell what is wrong with a file, whether there is a controller or not. Everything else asks the controller.',
      severity: 'error',
      from: { path: '^controller/cli/', pathNot: '^controller/cli/((check[^/]*|schema)\\.ts$|doctor/)' },
      to: { path: '^controller/(config|core)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-init-makes-keys',
      comment: 'Of the CLI only `init` may use identity: it makes the keys of a controller that does not run yet.',
      severity: 'error',
      from: { path: '^controller/cli/', pathNot: '^controller/cli/init\\.ts$' },
      to: { path: '^controller/identity/' },
    },
    arrow(
      'web-to-operator-client',
      '^controller/web/',
      ['^controller/cli/operator-client\\.ts$'],
      'the dashboard uses the operator API only.',
    ),
    arrow('agent-to-lib-and-proto', '^agent/', ['^proto/'], 'agent and controller meet only on the wire.'),
    arrow('proto-knows-nobody', '^proto/', [], 'the wires know neither end.'),
    arrow(
      'scripts-and-vagrant',
      '^(scripts/|vagrant/(?!in-process/))',
      ['^(scripts|vagrant|proto)/'],
      'the lab drives zdms from outside.',
    ),
    arrow(
      'in-process-hosts-to-agent',
      '^vagrant/in-process/',
      ['^vagrant/[^/]+$', '^agent/', '^proto/'],
      'in-process hosts run the real agent and executor on a simulated system; of the lab they share what is not about machines.',
    ),
    {
      name: 'proto-users',
      comment: 'Only those who speak on a wire know it.',
      severity: 'error',
      from: {
        path: OURS,
        pathNot:
          '^(proto|agent|scripts|test|vagrant)/|^controller/(api|adapters|cli|identity|ports|runner)/|^controller/main\\.ts$',
      },
      to: { path: '^proto/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle hides which of the two is the foundation.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'The import points to nothing.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-at-run-time',
      comment: 'The package is not there after npm ci --omit=dev.',
      severity: 'error',
      from: { path: '^(agent|bin|controller|lib|proto)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/\\.|\\.tools/|dist/|test/ground/fixtures/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
