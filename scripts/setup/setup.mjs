/** Makes a clone ready to run: packages, TensorFlow for the best tier, Electron. Fast when nothing is to do. */
import path from 'node:path';
import { bindingReady, checkBindingSources, ensureBinding } from './addon.mjs';
import { hasNvidiaDriver, machineFingerprint, tiersToTry, variantHere } from './device.mjs';
import { resolveElectron } from './electron.mjs';
import { messageOf, SetupError } from './errors.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { findNode } from './node.mjs';
import { ensurePackages, packagesReady } from './npm.mjs';
import { cacheDir, SETUP_DIR } from './paths.mjs';
import { handleInterrupts } from './process.mjs';
import { choiceStands, readState, writeState } from './state.mjs';
import { ensureTensorflow, tensorflowReady } from './tensorflow.mjs';
import { TENSORFLOW_VERSION, variantFor } from './wheels.mjs';

/** @typedef {import('./device.mjs').Device} Device */
/** @typedef {import('./state.mjs').SetupState} SetupState */

/**
 * @param {{ device: Device, tensorflow: boolean, electron?: boolean, retry?: boolean }} needs
 * @returns {Promise<SetupState>}
 * @throws {SetupError} when the npm packages or a Node that can run the app cannot be had
 */
export async function ensureSetup({ device, tensorflow, electron = false, retry = false }) {
  const ready = readyState({ device, tensorflow, electron, retry });
  if (ready) return ready;
  const stopHandling = handleInterrupts();
  try {
    return await withLock(path.join(SETUP_DIR, 'lock'), async () => {
      // Another set-up may have done the work while this one waited.
      const done = readyState({ device, tensorflow, electron, retry });
      if (done) return done;
      await ensurePackages();
      let state = currentState(findNode());
      if (tensorflow && (retry || !tensorflowStands(readState(), device)))
        state = await setUpTensorflow(state, device);
      if (electron) state = { ...state, electron: await resolveElectron() };
      writeState(state);
      return state;
    });
  } finally {
    stopHandling();
  }
}

/**
 * @param {{ device: Device, tensorflow: boolean, electron: boolean, retry: boolean }} needs
 * @returns {SetupState | null} null when there is something to do
 */
function readyState({ device, tensorflow, electron, retry }) {
  const state = readState();
  if (retry || electron || !state || !packagesReady()) return null;
  return tensorflow && !tensorflowStands(state, device) ? null : state;
}

/**
 * @param {SetupState | null} state
 * @param {Device} device
 * @returns {boolean}
 */
function tensorflowStands(state, device) {
  const now = {
    device,
    machine: machineFingerprint(),
    nowMs: Date.now(),
    hasGpu: hasNvidiaDriver(),
  };
  if (!state || !choiceStands(state, now)) return false;
  if (device === 'wasm' || state.device === 'wasm') return true;
  const variant = variantFor(state.device);
  return (
    variant !== null &&
    state.tensorflow !== null &&
    tensorflowReady(state.tensorflow.dir) &&
    bindingReady(variant)
  );
}

/** @param {string} node @returns {SetupState} */
function currentState(node) {
  const base = readState();
  return {
    device: base?.device ?? 'wasm',
    requested: base?.requested ?? 'wasm',
    tensorflow: base?.tensorflow ?? null,
    blocked: base?.blocked ?? [],
    electron: base?.electron ?? null,
    node,
    cache: cacheDir(),
    at: base?.at ?? new Date().toISOString(),
    machine: base?.machine ?? '',
  };
}

/**
 * Tries the tiers from the best one down; each that fails costs one line, never the set-up.
 * @param {SetupState} state
 * @param {Device} device
 * @returns {Promise<SetupState>}
 */
async function setUpTensorflow(state, device) {
  const hasGpu = hasNvidiaDriver();
  const tiers = tiersToTry(device, hasGpu);
  /** @type {import('./state.mjs').BlockedTier[]} */
  const blocked = [];
  if (!tiers.includes('cuda'))
    blocked.push(
      hasGpu || device !== 'auto'
        ? notAsked('cuda', device)
        : {
            tier: 'cuda',
            reason: 'no NVIDIA driver was found (neither nvidia-smi nor libcuda.so.1)',
            fix: 'With an NVIDIA GPU: install its driver, then run `npm run setup`.',
            transient: false,
          },
    );
  if (!tiers.includes('cpu')) blocked.push(notAsked('cpu', device));
  const common = {
    ...state,
    requested: device,
    at: new Date().toISOString(),
    machine: machineFingerprint(),
  };
  for (const tier of tiers) {
    try {
      const variant = variantHere(tier);
      if (tier === 'cuda' && device === 'auto' && !variant.verified)
        say(
          'NVIDIA driver found: setting up TensorFlow with CUDA (use --device cpu for the smaller one).',
        );
      // Said before anything large is downloaded.
      checkBindingSources();
      const dir = await ensureTensorflow(variant);
      const binding = await ensureBinding(variant, dir, state.node);
      const { name, verified } = variant;
      return {
        ...common,
        device: tier,
        blocked,
        tensorflow: { version: TENSORFLOW_VERSION, variant: name, dir, verified, binding },
      };
    } catch (error) {
      const reason = error instanceof SetupError ? error.reason : messageOf(error);
      const fix =
        error instanceof SetupError ? error.fix : 'Mend that, then run `npm run setup -- --retry`.';
      blocked.push({
        tier,
        reason,
        fix,
        transient: error instanceof SetupError && error.transient,
      });
      const next = tiers[tiers.indexOf(tier) + 1] ?? 'wasm';
      say(`Running on the ${next} tier instead of ${tier}: ${reason}. ${fix}`);
    }
  }
  return { ...common, device: 'wasm', blocked, tensorflow: null };
}

/**
 * @param {'cuda' | 'cpu'} tier
 * @param {Device} device
 * @returns {import('./state.mjs').BlockedTier}
 */
function notAsked(tier, device) {
  return {
    tier,
    reason: `not set up, because --device ${device} was asked for`,
    fix: 'Run without --device.',
    transient: false,
  };
}
