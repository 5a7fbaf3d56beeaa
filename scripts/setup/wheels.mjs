/** The pinned TensorFlow wheels, and which of their files are needed. Hashes are those of the Python 3.11 wheels, whatever Python the user has. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const TENSORFLOW_VERSION = '2.21.0';

/**
 * @typedef {object} Variant
 * @property {string} name also the name of its folder in the cache
 * @property {'cuda' | 'cpu'} tier
 * @property {readonly string[]} requirements pip requirement lines, each pinned by hash
 * @property {readonly string[]} platforms pip platform tags
 * @property {number} downloadBytes
 * @property {readonly string[]} libraries in the wheel's `tensorflow` folder
 * @property {boolean} verified whether this project was seen running on it
 */

const cudaPins = path.join(path.dirname(fileURLToPath(import.meta.url)), 'tensorflow-cuda.txt');

/** @returns {readonly string[]} */
export function readCudaRequirements() {
  const lines = fs.readFileSync(cudaPins, 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

/** All cuda wheels together, rounded. */
const CUDA_BYTES = 3_380_000_000;

const LINUX_LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** @type {Record<string, () => Variant>} */
const VARIANTS = {
  'linux-x64-cpu': () => ({
    name: 'linux-x64-cpu',
    tier: 'cpu',
    requirements: [
      'tensorflow-cpu==2.21.0 --hash=sha256:2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    ],
    platforms: ['manylinux_2_27_x86_64'],
    downloadBytes: 273_829_956,
    libraries: LINUX_LIBRARIES,
    verified: true,
  }),
  'linux-x64-cuda': () => ({
    name: 'linux-x64-cuda',
    tier: 'cuda',
    requirements: readCudaRequirements(),
    platforms: [
      'manylinux_2_27_x86_64',
      'manylinux_2_17_x86_64',
      'manylinux2014_x86_64',
      'manylinux_2_12_x86_64',
      'manylinux2010_x86_64',
    ],
    downloadBytes: CUDA_BYTES,
    libraries: LINUX_LIBRARIES,
    verified: false,
  }),
  'linux-arm64-cpu': () => ({
    name: 'linux-arm64-cpu',
    tier: 'cpu',
    requirements: [
      'tensorflow==2.21.0 --hash=sha256:4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    ],
    platforms: ['manylinux_2_27_aarch64'],
    downloadBytes: 0,
    libraries: LINUX_LIBRARIES,
    verified: false,
  }),
  'darwin-arm64-cpu': () => ({
    name: 'darwin-arm64-cpu',
    tier: 'cpu',
    requirements: [
      'tensorflow==2.21.0 --hash=sha256:51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    ],
    platforms: ['macosx_12_0_arm64'],
    downloadBytes: 223_405_849,
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    verified: false,
  }),
};

/**
 * @param {'cuda' | 'cpu'} tier
 * @param {string} [platform]
 * @param {string} [arch]
 * @returns {Variant | null} null where no wheel can be used: Intel Macs have none of this version, and the Windows
 *   wheel has no library to link the addon against
 */
export function variantFor(tier, platform = process.platform, arch = process.arch) {
  return VARIANTS[`${platform}-${arch}-${tier}`]?.() ?? null;
}

const TENSORFLOW_FILES =
  /^tensorflow\/(libtensorflow_(cc|framework)\.(so\.2|2\.dylib)|THIRD_PARTY_NOTICES\.txt|include\/(tensorflow\/c\/(c_api|c_api_macros|tf_attrtype|tf_buffer|tf_datatype|tf_status|tf_tensor|tf_tstring|eager\/c_api)\.h|(tensorflow\/core|tsl)\/platform\/ctstring(_internal)?\.h|xla\/tsl\/c\/tsl_status\.h))$/;
/** CUDA's shared libraries; and what TensorFlow uses to compile kernels at run time. */
const CUDA_FILES =
  /^nvidia\/[^/]+\/(lib\/[^/]+\.so[.\d]*|bin\/(ptxas|nvlink|fatbinary)|nvvm\/libdevice\/.+)$/;
const LICENSES = /\.dist-info\/(licenses\/)?(LICENSE|License|NOTICE)[^/]*$/;

/**
 * @param {string} name of a file in a wheel
 * @returns {boolean} whether the addon needs it, to compile, to run, or for its licence
 */
export function isNeeded(name) {
  return TENSORFLOW_FILES.test(name) || CUDA_FILES.test(name) || LICENSES.test(name);
}
