/**
 * Makes TensorFlow's C library callable: builds tfjs-node's addon, with this project's additions, against it; where that
 * cannot be done, sees that koffi can call it.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SetupError } from './errors.mjs';
import { makeFolderAtomic, readJson, sha256, sha256OfFile, writeFileAtomic } from './files.mjs';
import { withLock } from './lock.mjs';
import { formatDuration, say } from './log.mjs';
import { cacheDir, ROOT, SETUP_DIR, TFJS_NODE_DIR } from './paths.mjs';
import { run, which } from './process.mjs';
import { TENSORFLOW_VERSION } from './wheels.mjs';

const ADDON = path.join(TFJS_NODE_DIR, 'lib', 'napi-v8', 'tfjs_binding.node');
const LIBRARIES = path.join(TFJS_NODE_DIR, 'deps', 'lib');
const BINDING = path.join(TFJS_NODE_DIR, 'binding');
const NATIVE = path.join(ROOT, 'native');
const STAMP = path.join(SETUP_DIR, 'addon.json');

export const COMPILERS = ['g++', 'c++', 'clang++'];

/** The published sources of @tensorflow/tfjs-node 4.22.0, which the additions in `native/` were written for. */
export const BINDING_HASHES = {
  'napi_auto_ref.h': '775e602b81ce9c7ee5c69f0177fa0f4672921c7860b16783674f531a1057f167',
  'tf_auto_status.h': 'a9dbf9e92fe9c1decbf9c0418c2439bd157c5e81e761c2803a3d20d9c64206d1',
  'tf_auto_tensor.h': '9a34980cf9ffa904c1039a57fb0c73adf4342efd31068d6aac8deab8bfb98e0a',
  'tfe_auto_op.h': 'b0c12024598081e6879dc5580755512e3d5594562e9b754a91e0ff94e7c305e4',
  'tfjs_backend.cc': '37a6a6f29e0be5e6ba17fe2b7c943a730f1069eaa8a536fd42ea22b0c56695f7',
  'tfjs_backend.h': '51a1cb1db170f78edca4edcd1245b600251f88fba9c5fdea340fb13d9e4cc728',
  'tfjs_binding.cc': '352e096779ac9c9cfe0648ea887e8991828375e2b11955b4e220b7ab5b9fb690',
  'utils.h': 'f78f6292b022d9a58fa46701f69a8d6c27da83951ba0c9aa1e60bc9879e71d6a',
};

/**
 * @param {string} [folder]
 * @throws {SetupError} when the sources are not those published
 */
export function checkBindingSources(folder = BINDING) {
  for (const [name, hash] of Object.entries(BINDING_HASHES)) {
    const file = path.join(folder, name);
    if (fs.existsSync(file) && sha256OfFile(file) === hash) continue;
    throw new SetupError(
      `${path.relative(ROOT, file)} is not the published source of @tensorflow/tfjs-node 4.22.0, and the additions in native/ apply to that only`,
      'Delete node_modules and run the same command again.',
    );
  }
}

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} tensorflow the folder of the unpacked wheel
 * @param {string} output
 * @returns {string[]} arguments for g++ or clang++
 */
export function compilerArguments(variant, tensorflow, output) {
  const libraries = path.join(tensorflow, 'tensorflow');
  const mac = variant.name.startsWith('darwin');
  const nodeHeaders = createRequire(path.join(ROOT, 'package.json'))(
    'node-api-headers',
  ).include_dir;
  return [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
    ...[`-I${BINDING}`, `-I${path.join(libraries, 'include')}`, `-I${nodeHeaders}`],
    path.join(NATIVE, 'straylight_addon.cc'),
    ...['-o', output],
    // Symbols are split between the two libraries, so both are linked.
    ...variant.libraries.map((name) => path.join(libraries, name)),
    mac ? '-Wl,-rpath,@loader_path/../../deps/lib' : '-Wl,-rpath,$ORIGIN/../../deps/lib',
    // Node itself provides the N-API symbols when it loads the addon.
    ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
  ];
}

/**
 * Names a build: the same sources, TensorFlow and flags give the same addon in every clone.
 * @param {import('./wheels.mjs').Variant} variant
 * @returns {string}
 */
export function addonKey(variant) {
  const sources = [NATIVE, BINDING].flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => /\.(cc|h)$/.test(name))
      .sort()
      .flatMap((name) => [name, fs.readFileSync(path.join(folder, name))]),
  );
  // Places differ between clones and do not change the result.
  const flags = compilerArguments(variant, 'tensorflow', 'output').filter(
    (flag) => !flag.includes(ROOT),
  );
  return sha256([...sources, ...flags, TENSORFLOW_VERSION, variant.name]).slice(0, 32);
}

/** @param {import('./wheels.mjs').Variant} variant @returns {string} */
function cachedAddon(variant) {
  return path.join(cacheDir(), 'addon', addonKey(variant), 'tfjs_binding.node');
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} the compiler
 * @throws {SetupError}
 */
export function requireCompiler(env = process.env) {
  const compiler = findCompiler(env);
  if (compiler) return compiler;
  throw new SetupError(
    'no C++ compiler was found (g++, c++ or clang++)',
    process.platform === 'darwin'
      ? 'Install it with `xcode-select --install`.'
      : 'Install it with `sudo apt-get install g++` (or your distribution’s equivalent).',
  );
}

/** @param {NodeJS.ProcessEnv} [env] @returns {string | null} */
function findCompiler(env) {
  for (const name of COMPILERS) {
    const command = which(name, env);
    if (command) return command;
  }
  return null;
}

/**
 * How TensorFlow is called; `reason` says why it is koffi and not the addon.
 * @typedef {{ kind: 'addon', reason: null } | { kind: 'koffi', reason: string }} Binding
 */

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {boolean} whether the binding and its libraries are in place, and a better one is not to be had
 */
export function bindingReady(variant, env = process.env) {
  const stamp = readJson(STAMP);
  if (stamp?.key !== addonKey(variant)) return false;
  if (!variant.libraries.every((name) => fs.existsSync(path.join(LIBRARIES, name)))) return false;
  return stamp.kind === 'koffi'
    ? stamp.compiler === findCompiler(env)
    : fs.statSync(ADDON, { throwIfNoEntry: false })?.size === stamp.bytes;
}

/**
 * Puts TensorFlow's libraries and the addon into tfjs-node's folder and sees whether they load. Without the addon, koffi
 * makes the same calls: a little slower to start, with the same results.
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} tensorflow
 * @param {string} node the Node that will load it
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Binding>}
 * @throws {SetupError} when neither loads
 */
export async function ensureBinding(variant, tensorflow, node, env = process.env) {
  checkBindingSources();
  placeLibraries(variant, tensorflow);
  try {
    const built = cachedAddon(variant);
    if (!fs.existsSync(built))
      await withLock(path.join(cacheDir(), 'addon', 'lock'), () =>
        build(variant, tensorflow, built, env),
      );
    writeFileAtomic(ADDON, fs.readFileSync(built));
    await checkLoads(node, ['-e', LOAD_ADDON, ADDON]);
    writeStamp({ kind: 'addon', key: addonKey(variant), bytes: fs.statSync(ADDON).size });
    return { kind: 'addon', reason: null };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    fs.rmSync(ADDON, { force: true });
    const loader = path.join(ROOT, 'src', 'core', 'tf', 'native', 'load-binding.ts');
    await checkLoads(node, ['-e', LOAD_KOFFI, pathToFileURL(loader).href]);
    say(
      `TensorFlow is called through koffi instead of a compiled addon, because ${error.reason}. Results are the same.`,
    );
    writeStamp({ kind: 'koffi', key: addonKey(variant), compiler: findCompiler(env) });
    return { kind: 'koffi', reason: error.message };
  }
}

/** @param {object} stamp */
function writeStamp(stamp) {
  writeFileAtomic(STAMP, JSON.stringify(stamp));
}

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} tensorflow
 * @param {string} built
 * @param {NodeJS.ProcessEnv} env
 */
async function build(variant, tensorflow, built, env) {
  if (fs.existsSync(built)) return;
  const compiler = requireCompiler(env);
  const started = performance.now();
  say('TensorFlow addon: compiling (about 10 s).');
  await makeFolderAtomic(path.dirname(built), async (temporary) => {
    const output = path.join(temporary, path.basename(built));
    const { code, stderr } = await run(compiler, compilerArguments(variant, tensorflow, output));
    if (code === 0) return;
    const first =
      stderr.split('\n').find((line) => /error/i.test(line)) ?? stderr.trim().split('\n')[0];
    throw new SetupError(
      `the TensorFlow addon does not compile with ${compiler} (${first ?? 'no output'})`,
      'A C++17 compiler is needed: g++ 8 or clang 7 and later.',
    );
  });
  say(`TensorFlow addon: compiled (${formatDuration((performance.now() - started) / 1000)}).`);
}

/**
 * @param {import('./wheels.mjs').Variant} variant
 * @param {string} tensorflow
 */
function placeLibraries(variant, tensorflow) {
  const source = path.join(tensorflow, 'tensorflow');
  if (fs.lstatSync(LIBRARIES, { throwIfNoEntry: false })?.isSymbolicLink())
    fs.unlinkSync(LIBRARIES);
  if (variant.tier === 'cuda') {
    // The libraries look for CUDA at $ORIGIN/../nvidia, which a linked folder leads to and linked files do not.
    fs.rmSync(LIBRARIES, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(LIBRARIES), { recursive: true });
    fs.symlinkSync(source, LIBRARIES, 'dir');
    return;
  }
  fs.mkdirSync(LIBRARIES, { recursive: true });
  for (const name of variant.libraries)
    placeFile(path.join(source, name), path.join(LIBRARIES, name));
}

/**
 * A hard link takes no space and outlives the cache; across disks it is a symbolic link, else a copy.
 * @param {string} source
 * @param {string} target
 */
function placeFile(source, target) {
  const present = fs.statSync(target, { throwIfNoEntry: false });
  if (present && present.ino === fs.statSync(source).ino) return;
  const temporary = `${target}.${process.pid}.tmp`;
  fs.rmSync(temporary, { force: true });
  try {
    fs.linkSync(source, temporary);
  } catch {
    try {
      fs.symlinkSync(source, temporary);
    } catch {
      fs.copyFileSync(source, temporary);
    }
  }
  fs.renameSync(temporary, target);
}

/** Both print TensorFlow's version. */
const LOAD_ADDON = 'process.stdout.write(require(process.argv[1]).TF_Version)';
const LOAD_KOFFI = `import(process.argv[1]).then(({ loadBinding }) =>
  process.stdout.write(loadBinding('koffi').binding.TF_Version));`;

/**
 * @param {string} node
 * @param {readonly string[]} args
 */
async function checkLoads(node, args) {
  const { code, stdout, stderr } = await run(node, args, {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    timeoutMs: 120_000,
  });
  if (code === 0 && stdout === TENSORFLOW_VERSION) return;
  // What TensorFlow logs (I0000 for information) says nothing about failing.
  const said = stderr.split('\n').filter((text) => !/^[IW]\d{4} |^WARNING: /.test(text));
  const line = said.find((text) => /error|version|cannot/i.test(text)) ?? 'it crashed';
  throw new SetupError(
    `the TensorFlow library does not load on this machine (${line.trim()})`,
    'It needs glibc 2.27 and libstdc++ 9 or later; run `npm run doctor` for details.',
  );
}
