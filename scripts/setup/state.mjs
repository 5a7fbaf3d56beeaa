/** `.setup/state.json`: what set-up found and made; read by the doctor. */
import path from 'node:path';
import { readJson, writeFileAtomic } from './files.mjs';
import { SETUP_DIR } from './paths.mjs';

/**
 * @typedef {object} BlockedTier
 * @property {'cuda' | 'cpu'} tier
 * @property {string} reason
 * @property {string} fix
 * @property {boolean} transient may go away by itself
 */

/**
 * @typedef {object} SetupState
 * @property {'cuda' | 'cpu' | 'wasm'} device the best tier that is ready
 * @property {'auto' | 'cuda' | 'cpu' | 'wasm'} requested
 * @property {{ version: string, variant: string, dir: string, verified: boolean, binding?: import('./addon.mjs').Binding } | null} tensorflow
 * @property {readonly BlockedTier[]} blocked the tiers above, and what stops each
 * @property {{ path: string, source: string } | null} electron
 * @property {string} node the Node that runs the app
 * @property {string} cache
 * @property {string} at ISO time of the last attempt
 * @property {string} machine fingerprint of what a failed tier depended on
 */

export const STATE_FILE = path.join(SETUP_DIR, 'state.json');

/** A failed tier is tried again after this long even if nothing seems to have changed. */
const RETRY_MS = 24 * 3600 * 1000;
const RETRY_TRANSIENT_MS = 3600 * 1000;

/** @returns {SetupState | null} */
export function readState() {
  return readJson(STATE_FILE);
}

/** @param {SetupState} state */
export function writeState(state) {
  writeFileAtomic(STATE_FILE, `${JSON.stringify(state, null, 2)}\n`);
}

/**
 * Whether the choice of tiers still stands (that its files are there is checked elsewhere).
 * @param {SetupState | null} state
 * @param {{ device: string, machine: string, nowMs: number, hasGpu: boolean }} now
 * @returns {boolean}
 */
export function choiceStands(state, { device, machine, nowMs, hasGpu }) {
  if (!state) return false;
  if (device === 'wasm') return true;
  // A lower tier is met by a higher one: TensorFlow with CUDA also runs on the processor.
  const best = device === 'auto' ? (hasGpu ? 'cuda' : 'cpu') : device;
  if (state.device === 'cuda' || state.device === best) return true;
  const failed = state.blocked.find(({ tier }) => tier === best);
  const tried =
    state.requested === best || state.requested === 'auto' || state.requested === 'cuda';
  if (!failed || !tried) return false;
  const ageMs = nowMs - Date.parse(state.at);
  return (
    state.machine === machine &&
    ageMs >= 0 &&
    ageMs < (failed.transient ? RETRY_TRANSIENT_MS : RETRY_MS)
  );
}
