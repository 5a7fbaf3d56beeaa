/** Gradients of pooling in plain loops: tfjs-backend-wasm has no kernels for them. Layout is NHWC. */
import type { Shape } from '../kernels.ts';

type Four = [number, number, number, number];
type Values = ArrayLike<number>;

/**
 * Windows are padded by floor(kernel / 2); the first of equal values, row by row, takes the window's gradient.
 * @param dy of the shape of `y`, the output of the pooling
 */
export function maxPoolGradient(
  dy: Values,
  x: Values,
  y: Values,
  inputShape: Shape,
  outputShape: Shape,
  kernel: number,
  stride: number,
): Float32Array {
  const [, height, width, channels] = inputShape as Four;
  const [images, outHeight, outWidth] = outputShape as Four;
  const pad = kernel >> 1;
  const dx = new Float32Array(x.length);
  /** Index into x of the value that won a window, or -1. */
  const winner = (image: number, row: number, column: number, channel: number, value: number) => {
    for (let i = 0; i < kernel; i++) {
      const r = row * stride - pad + i;
      if (r < 0 || r >= height) continue;
      for (let j = 0; j < kernel; j++) {
        const c = column * stride - pad + j;
        if (c < 0 || c >= width) continue;
        const at = ((image * height + r) * width + c) * channels + channel;
        if (x[at] === value) return at;
      }
    }
    return -1;
  };
  let k = 0;
  for (let image = 0; image < images; image++)
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++)
        for (let channel = 0; channel < channels; channel++, k++) {
          const at = winner(image, row, column, channel, y[k]!);
          if (at >= 0) dx[at]! += dy[k]!;
        }
  return dx;
}

/** A quarter of each window's gradient to each of its four pixels. */
export function averagePool2Gradient(
  dy: Values,
  outputShape: Shape,
  inputShape: Shape,
): Float32Array {
  const [images, height, width, channels] = inputShape as Four;
  const [, outHeight, outWidth] = outputShape as Four;
  const dx = new Float32Array(images * height * width * channels);
  for (let image = 0; image < images; image++)
    for (let row = 0; row < 2 * outHeight; row++)
      for (let column = 0; column < 2 * outWidth; column++) {
        const from = ((image * outHeight + (row >> 1)) * outWidth + (column >> 1)) * channels;
        const to = ((image * height + row) * width + column) * channels;
        for (let channel = 0; channel < channels; channel++)
          dx[to + channel] = dy[from + channel]! / 4;
      }
  return dx;
}
