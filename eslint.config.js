/**
 * What the linter enforces and why. Types, strictness and style come from typescript-eslint's strict preset; the lists below are
 * the house rules. Each says what to use instead, and test/ground/lint-rules.test.ts proves that each can fail.
 */
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['**/*.ts'];

const syntaxEverywhere = [
  { selector: 'TSEnumDeclaration', message: 'No enums: use a string union (type Colour = "red" | "blue").' },
  { selector: 'ExportDefaultDeclaration', message: 'No default exports: export by name, from a file of that name.' },
  {
    selector: 'Property[key.name="shell"][value.value=true]',
    message: 'No shell: pass an argv array to execFile or spawn.',
  },
  {
    selector:
      'CallExpression[callee.name=/^(spawn|spawnSync|execFile|execFileSync)$/] > ObjectExpression > Property[key.name="shell"]',
    message: 'No shell: pass an argv array to execFile or spawn.',
  },
];

const sshClientOnlyInHostShell = [
  {
    selector: 'NewExpression[callee.name="Client"], NewExpression[callee.property.name="Client"]',
    message: 'SSH connections are opened only in controller/adapters/host-shell/: use the host-shell port.',
  },
  {
    selector:
      'ImportDeclaration[source.value="ssh2"][importKind="value"] > ImportSpecifier[imported.name="Client"][importKind="value"]',
    message: 'SSH connections are opened only in controller/adapters/host-shell/: use the host-shell port.',
  },
];

const noShellStrings = [
  {
    selector: 'ArrayExpression[elements.0.value=/^(.*\\u002f)?(ba|da)?sh$/][elements.1.value="-c"]',
    message: 'No shell strings: make the command an argv array of its own.',
  },
  {
    selector: 'CallExpression[arguments.0.value=/^(.*\\u002f)?(ba|da)?sh$/][arguments.1.elements.0.value="-c"]',
    message: 'No shell strings: make the command an argv array of its own.',
  },
];

const newDateReadsTheClock = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Do not read the clock: take `now` (milliseconds UTC) as an argument, or the injected clock.',
};

const noAsyncInCore = [
  {
    selector: ':function[async=true]',
    message: 'core is synchronous: return an intent, and let the runner perform it.',
  },
  { selector: 'AwaitExpression', message: 'core is synchronous: take what you need as data in `world`.' },
  { selector: 'ForOfStatement[await=true]', message: 'core is synchronous: take what you need as data in `world`.' },
  { selector: 'ImportExpression', message: 'core has no dynamic imports: import statically from core or lib.' },
];

const childProcessImports = [
  {
    name: 'node:child_process',
    importNames: ['exec', 'execSync'],
    message: 'exec runs a shell: use execFile or spawn with an argv array.',
  },
  { name: 'child_process', message: 'Write node:child_process.' },
];

const randomImports = [
  {
    name: 'node:crypto',
    importNames: ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'webcrypto'],
    message: 'The runner has no randomness of its own: use the injected source, so that a seed replays the run.',
  },
  { name: 'node:timers', message: 'The runner has no timers of its own: use the injected clock.' },
  { name: 'node:timers/promises', message: 'The runner has no timers of its own: use the injected clock.' },
  { name: 'node:perf_hooks', message: 'The runner has no clock of its own: use the injected clock.' },
];

const exitProperty = {
  object: 'process',
  property: 'exit',
  message: 'Only main files end the process: throw, or return an exit code to main.',
};

const clockProperties = [
  {
    object: 'Date',
    property: 'now',
    message: 'Do not read the clock: take `now` as an argument, or the injected clock.',
  },
  { object: 'performance', property: 'now', message: 'Do not read the clock: use the injected clock.' },
  {
    object: 'Math',
    property: 'random',
    message: 'No randomness: use the injected source, so that a seed replays the run.',
  },
  {
    object: 'crypto',
    property: 'randomUUID',
    message: 'No randomness: use the injected source, so that a seed replays the run.',
  },
  {
    object: 'crypto',
    property: 'randomBytes',
    message: 'No randomness: use the injected source, so that a seed replays the run.',
  },
  { object: 'crypto', property: 'getRandomValues', message: 'No randomness: use the injected source.' },
];

const timerGlobals = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'No timers here: time comes in through `now` and the injected clock.',
}));

const coreGlobals = [
  ...timerGlobals,
  { name: 'queueMicrotask', message: 'core is synchronous.' },
  { name: 'Promise', message: 'core is synchronous: return an intent, and let the runner perform it.' },
  { name: 'process', message: 'core knows no process: take configuration as data.' },
  { name: 'crypto', message: 'core has no randomness: take ids and nonces as arguments.' },
  { name: 'performance', message: 'core has no clock: take `now` as an argument.' },
  { name: 'fetch', message: 'core has no I/O: let a port do it, and take the answer as data.' },
  { name: 'globalThis', message: 'core uses no globals.' },
];

/** The four lists that flat config cannot merge by itself: what holds everywhere comes first, then what this folder adds. */
function restrictions({ syntax = [], imports = [], importPatterns = [], properties = [], globals = [] }) {
  return {
    'no-restricted-syntax': ['error', ...syntaxEverywhere, ...syntax],
    'no-restricted-imports': ['error', { paths: [...childProcessImports, ...imports], patterns: importPatterns }],
    // An empty list after a longer one would keep the longer one.
    'no-restricted-properties': properties.length > 0 ? ['error', ...properties] : 'off',
    'no-restricted-globals': globals.length > 0 ? ['error', ...globals] : 'off',
  };
}

const onlyRelativeImports = [
  {
    regex: '^(?!\\.{1,2}/)',
    message: 'core imports only core and lib: no packages, no node: modules. Take what you need as data.',
  },
];

const houseStyle = {
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  // A port's method is async for the sake of its slower sisters; an adapter that needs no await is still right.
  '@typescript-eslint/require-await': 'off',
  // `while (true)` with a return inside is how a loop that ends by its deadline reads best.
  '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
  // Interface for shapes others implement, type for data: both have their place.
  '@typescript-eslint/consistent-type-definitions': 'off',
  'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
  'no-console': 'error',
  'no-nested-ternary': 'error',
  'prefer-const': 'error',
  eqeqeq: 'error',
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
};

export default tseslint.config(
  {
    ignores: ['node_modules/', '.tools/', '.cache/', 'dist/', 'coverage/', 'proto/generated/', 'test/ground/fixtures/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...houseStyle, ...restrictions({ syntax: sshClientOnlyInHostShell, properties: [exitProperty] }) },
  },
  {
    files: ['agent/**/*.ts', 'controller/**/*.ts'],
    rules: restrictions({ syntax: [...sshClientOnlyInHostShell, ...noShellStrings], properties: [exitProperty] }),
  },
  {
    files: ['controller/adapters/host-shell/**/*.ts'],
    rules: restrictions({ syntax: noShellStrings, properties: [exitProperty] }),
  },
  {
    files: ['controller/runner/**/*.ts'],
    rules: restrictions({
      syntax: [...sshClientOnlyInHostShell, ...noShellStrings, newDateReadsTheClock],
      imports: randomImports,
      properties: [exitProperty, ...clockProperties],
      globals: timerGlobals,
    }),
  },
  {
    files: ['controller/core/**/*.ts'],
    rules: restrictions({
      syntax: [newDateReadsTheClock, ...noAsyncInCore],
      importPatterns: onlyRelativeImports,
      properties: clockProperties,
      globals: [...coreGlobals, { name: 'console', message: 'core says nothing: return a reason or an event.' }],
    }),
  },
  {
    files: ['**/main.ts', 'scripts/**/*.ts'],
    rules: restrictions({ syntax: sshClientOnlyInHostShell }),
  },
  {
    files: ['controller/cli/**/*.ts', '**/main.ts', 'scripts/**/*.ts', 'vagrant/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      ...restrictions({}),
      'max-lines-per-function': 'off',
      'no-console': 'off',
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  // mocha wants its reporter as a default export.
  {
    files: ['test/support/closing-line-reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['**/*.js', '**/*.cjs'], rules: { 'prefer-const': 'error', eqeqeq: 'error' } },
);
