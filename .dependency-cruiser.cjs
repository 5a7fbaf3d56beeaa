/** The layers: what may import what. See docs/architecture.md. */
const core = '^src/core/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Files that need each other are one file or lack a third.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-knows-no-host',
      severity: 'error',
      comment: 'The engine runs the same in a window, a terminal and a server.',
      from: { path: core },
      to: { path: '^src/(cli|main|preload|renderer|server|host|engine|rpc|contract)/' },
    },
    {
      name: 'core-knows-no-window',
      severity: 'error',
      from: { path: core },
      to: { path: 'node_modules/(electron|electron-store|vue|pinia|echarts|commander)/' },
    },
    {
      name: 'numbers-are-pure',
      severity: 'error',
      comment:
        'Scores and metrics are functions of numbers: no files, no processes, no TensorFlow.',
      from: { path: '^src/core/(metrics|score)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'numbers-know-no-machinery',
      severity: 'error',
      from: { path: '^src/core/(metrics|score)/' },
      to: {
        path: '^src/core/(tf|train|model|store|decode|datasets|workflow)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'tf-knows-no-story',
      severity: 'error',
      comment: 'Kernels and sessions know networks and objectives, not runs, stores or reports.',
      from: { path: '^src/core/tf/' },
      to: { path: '^src/core/(store|workflow|report|datasets|metrics|score)/' },
    },
    {
      name: 'report-draws-only',
      severity: 'error',
      comment: 'A report is drawn from an audit; it trains and scores nothing.',
      from: { path: '^src/core/report/' },
      to: {
        path: '^src/core/(tf|train|model|workflow|datasets|decode)/',
        // The names of the flags, which per-image.csv spells out.
        pathNot: '^src/core/datasets/analyse/flags',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'data-knows-no-model',
      severity: 'error',
      from: { path: '^src/core/(datasets|decode)/' },
      to: { path: '^src/core/(tf|train|model|workflow|report|metrics|score)/' },
    },
    {
      name: 'only-workflow-tells-the-story',
      severity: 'error',
      comment: 'Workflow and pipeline put the parts together; no part reaches back.',
      from: { path: core, pathNot: '^src/core/(workflow/|pipeline\\.ts)' },
      to: { path: '^src/core/(workflow/|pipeline\\.ts)' },
    },
    {
      name: 'hosts-know-no-kernels',
      severity: 'error',
      from: { path: '^src/(cli|host|main|server)/' },
      to: { path: '^src/core/tf/(native|tfjs|programs)/' },
    },
    {
      name: 'contract-is-only-a-contract',
      severity: 'error',
      comment: 'The contract holds schemas: it may import zod and itself.',
      from: { path: '^src/contract/' },
      to: { pathNot: ['^src/contract/', 'node_modules/zod/'] },
    },
    {
      name: 'wire-knows-no-ends',
      severity: 'error',
      comment: 'The wire carries the contract; who is at its ends is not its business.',
      from: { path: '^src/rpc/' },
      to: { path: '^src/(core|engine|host|main|preload|renderer|server|cli)/' },
    },
    {
      name: 'engine-knows-no-host',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(cli|host|main|preload|renderer|server)/' },
    },
    {
      name: 'hosts-start-the-engine-and-ask-it',
      severity: 'error',
      comment:
        'A host starts the engine as a process of its own and talks through the contract; of core it knows files and errors.',
      from: { path: '^src/(host|main|preload|server)/' },
      to: {
        path: '^src/(engine|core/(?!store/(default-workspace|atomic)\\.ts|errors\\.ts))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'electron-stays-in-main-and-preload',
      severity: 'error',
      from: { pathNot: '^src/(main|preload)/' },
      to: { path: 'node_modules/electron(-store)?/' },
    },
    {
      name: 'what-hosts-share-knows-neither',
      severity: 'error',
      from: { path: '^src/host/' },
      to: { path: '^src/(cli|main|preload|renderer|server)/' },
    },
    {
      name: 'window-knows-the-contract-only',
      severity: 'error',
      comment:
        'A window reaches the engine through the contract; numbers and files stay on the other side.',
      from: { path: '^src/renderer/' },
      to: { path: '^src/(core|engine|host|main|preload|server|cli)/' },
    },
    {
      name: 'features-meet-at-their-index',
      severity: 'error',
      comment: 'Import another feature through its index.ts only.',
      from: { path: '^src/renderer/features/([^/]+)/' },
      to: {
        path: '^src/renderer/features/[^/]+/',
        pathNot: ['^src/renderer/features/$1/', '^src/renderer/features/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'one-importer-of-the-ui-kit',
      severity: 'error',
      comment: 'src/renderer/ui wraps Reka UI and the icons; features use those wrappers.',
      from: { path: '^src/renderer/', pathNot: '^src/renderer/ui/' },
      to: { path: 'node_modules/(reka-ui|@lucide/vue)/' },
    },
    {
      name: 'no-unlisted-packages',
      severity: 'error',
      comment: 'What is imported is pinned in package.json.',
      from: {},
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
        dependencyTypesNot: ['type-only'],
        // Electron is what the app runs in, not a package that it ships.
        pathNot: 'node_modules/electron/',
      },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '^src/core/decode/decode-worker\\.ts$',
          '^src/core/tf/tfjs/wasm-worker\\.cjs$',
        ],
      },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
