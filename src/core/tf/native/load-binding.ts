/** Finds the way to TensorFlow's C library: the addon that set-up compiled, or koffi where it could not. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { AppError, messageOf } from '../../errors.ts';
import type { BindingKind } from '../runtime.ts';
import type { NativeBinding } from './binding.ts';
import { KoffiBinding } from './koffi-binding.ts';

const require = createRequire(import.meta.url);

interface Tfjs {
  readonly version: Readonly<Record<string, string>>;
  findBackendFactory(name: string): unknown;
  registerBackend(name: string, factory: () => unknown, priority: number): boolean;
  setBackend(name: string): Promise<boolean>;
}
interface TfjsNode extends Tfjs {
  backend(): { readonly binding?: NativeBinding };
}

/** The binding in use, and tfjs on top of it. */
export interface LoadedBinding {
  readonly binding: NativeBinding;
  readonly kind: BindingKind;
  readonly tfjsVersion: string;
}

/** tfjs-node 4.22 calls two functions that Node 23 removed from `util`. */
function restoreRemovedUtil(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (x: unknown) => x === null || x === undefined;
  legacy['isArray'] ??= Array.isArray;
}

/** tfjs-node's folder, with the addon in `lib/` and TensorFlow's libraries in `deps/lib/`. */
const packageFolder = (): string =>
  path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));

/**
 * Which binding to load: STRAYLIGHT_BINDING (`addon` or `koffi`) if set, else the addon where it was compiled.
 * @throws AppError `usage` for another name
 */
function wantedBinding(env: NodeJS.ProcessEnv): BindingKind {
  const wanted = env['STRAYLIGHT_BINDING'];
  if (wanted === 'addon' || wanted === 'koffi') return wanted;
  if (wanted)
    throw new AppError('usage', `STRAYLIGHT_BINDING is "${wanted}"; it can be addon or koffi.`);
  return existsSync(path.join(packageFolder(), 'lib', 'napi-v8', 'tfjs_binding.node'))
    ? 'addon'
    : 'koffi';
}

/** @throws AppError `runtime-missing` when TensorFlow's library is not there or does not load */
export function loadBinding(kind: BindingKind = wantedBinding(process.env)): LoadedBinding {
  restoreRemovedUtil();
  return kind === 'addon' ? loadAddon() : loadKoffi();
}

function loadAddon(): LoadedBinding {
  let tfjs: TfjsNode;
  try {
    tfjs = require('@tensorflow/tfjs-node') as TfjsNode;
  } catch (error) {
    throw new AppError('runtime-missing', describeFailure(error), { cause: error });
  }
  const { binding } = tfjs.backend();
  if (!binding || typeof binding.callFunctionAsync !== 'function') {
    const reason = 'the TensorFlow addon was built without this project’s additions';
    throw new AppError('runtime-missing', `${reason}; run \`npm run setup\``);
  }
  return { binding, kind: 'addon', tfjsVersion: tfjs.version['tfjs'] ?? 'unknown' };
}

function loadKoffi(): LoadedBinding {
  const folder = path.join(packageFolder(), 'deps', 'lib');
  if (!existsSync(folder))
    throw new AppError(
      'runtime-missing',
      'TensorFlow’s library is not set up; run `npm run setup`',
    );
  let binding: KoffiBinding;
  try {
    binding = new KoffiBinding(folder);
  } catch (error) {
    throw new AppError('runtime-missing', describeFailure(error), { cause: error });
  }
  return { binding, kind: 'koffi', tfjsVersion: registerTfjs(binding) };
}

/** What tfjs-node's own index does with its addon, so that plain tfjs operations run on TensorFlow here too. */
function registerTfjs(binding: KoffiBinding): string {
  const tfjs = require('@tensorflow/tfjs') as Tfjs;
  if (!tfjs.findBackendFactory('tensorflow')) {
    require('@tensorflow/tfjs-node/dist/register_all_kernels');
    const backend = require('@tensorflow/tfjs-node/dist/nodejs_kernel_backend') as {
      NodeJSKernelBackend: new (binding: KoffiBinding, packageName: string) => unknown;
    };
    const make = (): unknown => new backend.NodeJSKernelBackend(binding, '@tensorflow/tfjs-node');
    tfjs.registerBackend('tensorflow', make, 3);
    // A backend that is made at once, as this one, is in place when the call returns.
    void tfjs.setBackend('tensorflow');
  }
  return tfjs.version['tfjs'] ?? 'unknown';
}

function describeFailure(error: unknown): string {
  const text = messageOf(error);
  return text.includes('can not be found')
    ? 'the TensorFlow addon is not built; run `npm run setup`'
    : `the TensorFlow library does not load: ${text.split('\n')[0] ?? ''}`;
}
