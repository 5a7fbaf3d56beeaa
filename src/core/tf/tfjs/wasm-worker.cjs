/**
 * One thread of the multi-threaded WebAssembly backend, on Node. tfjs hands its threads a `blob:` address, which browsers
 * load and Node's worker threads do not; this file runs the same two published scripts from the package's folder.
 */
const folder = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';
const { wasmWorkerContents } = require(`${folder}.worker.js`);

// The thread asks for the address of the main script's blob and then reads it as a file.
URL.createObjectURL = () => require.resolve(`${folder}.js`);
URL.revokeObjectURL = () => undefined;

// The package keeps the script as a template literal in which \n has become a line break.
const script = wasmWorkerContents.replaceAll('\n', '\\n');
new Function('require', '__filename', script)(require, module.filename);
