/**
 * Convolution with symmetric padding and its two gradients, made of forward convolutions only:
 * tfjs-backend-wasm has no Conv2DBackpropFilter, and its Conv2DBackpropInput is slow.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Shape } from '../kernels.ts';

export type Tfjs = typeof tfjs;

type Four = [number, number, number, number];

/** `x [n, h, w, ci]` with `filter [k, k, ci, co]`, padded by floor(k / 2) on every side. */
export const convolve = (
  tf: Tfjs,
  x: tfjs.Tensor,
  filter: tfjs.Tensor,
  stride: number,
): tfjs.Tensor => valid(tf, padSpace(tf, x, filter.shape[0] >> 1), filter, stride, 1);

/** Gradient to the input: dy, spread out by the stride, convolved with the flipped filter. */
export function convGradInput(
  tf: Tfjs,
  dy: tfjs.Tensor,
  filter: tfjs.Tensor,
  inputShape: Shape,
  stride: number,
): tfjs.Tensor {
  const [, height, width] = inputShape as Four;
  const kernel = filter.shape[0];
  const pad = kernel >> 1;
  const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const spread = stride === 1 ? dy : spreadOut(tf, dy, stride);
  const before = kernel - 1 - pad;
  const [, h, w] = spread.shape as Four;
  // What the input had beyond the last window (odd sizes) received no gradient: it is padded with zeros.
  const afterRows = height + kernel - 1 - before - h;
  const afterColumns = width + kernel - 1 - before - w;
  const padded = fitSpace(tf, spread, before, afterRows, afterColumns);
  return valid(tf, padded, flipped, 1, 1);
}

/** Gradient to the filter: a convolution over the batch, with images as channels and dy as the filter. */
export function convGradFilter(
  tf: Tfjs,
  dy: tfjs.Tensor,
  x: tfjs.Tensor,
  filterShape: Shape,
  stride: number,
): tfjs.Tensor {
  const [kernel, , inputs, outputs] = filterShape as Four;
  if (kernel === 1 && stride === 1) {
    const rows = tf.reshape(x, [-1, inputs]);
    const product = tf.matMul(rows, tf.reshape(dy, [-1, outputs]), true, false);
    return tf.reshape(product, [1, 1, inputs, outputs]);
  }
  const images = tf.transpose(padSpace(tf, x, kernel >> 1), [3, 1, 2, 0]);
  const filters = tf.transpose(dy, [1, 2, 0, 3]);
  const correlation = valid(tf, images, filters, 1, stride);
  const cut =
    correlation.shape[1] === kernel && correlation.shape[2] === kernel
      ? correlation
      : tf.slice(correlation, [0, 0, 0, 0], [inputs, kernel, kernel, outputs]);
  return tf.transpose(cut, [1, 2, 0, 3]);
}

/** Values `stride` pixels apart, zeros between, in a tensor of the given shape. */
export function spreadInto(tf: Tfjs, x: tfjs.Tensor, shape: Shape, stride: number): tfjs.Tensor {
  const [, height, width] = shape as Four;
  const spread = spreadOut(tf, x, stride);
  const [, h, w] = spread.shape as Four;
  return fitSpace(tf, spread, 0, height - h, width - w);
}

/** Convolution without padding, through the kernel itself: the tape is not needed. */
const valid = (
  tf: Tfjs,
  x: tfjs.Tensor,
  filter: tfjs.Tensor,
  stride: number,
  dilation: number,
): tfjs.Tensor =>
  tf.conv2d(
    x as tfjs.Tensor4D,
    filter as tfjs.Tensor4D,
    stride,
    'valid',
    'NHWC',
    dilation === 1 ? 1 : [dilation, dilation],
  );

const padSpace = (tf: Tfjs, x: tfjs.Tensor, pad: number): tfjs.Tensor =>
  pad === 0 ? x : fitSpace(tf, x, pad, pad, pad);

/** Pads with zeros before, and pads or cuts after, so that sizes come out as asked. */
function fitSpace(
  tf: Tfjs,
  x: tfjs.Tensor,
  before: number,
  afterRows: number,
  afterColumns: number,
): tfjs.Tensor {
  const padded = tf.pad(x, [
    [0, 0],
    [before, Math.max(0, afterRows)],
    [before, Math.max(0, afterColumns)],
    [0, 0],
  ]);
  if (afterRows >= 0 && afterColumns >= 0) return padded;
  const [n, h, w, c] = padded.shape as Four;
  return tf.slice(
    padded,
    [0, 0, 0, 0],
    [n, h + Math.min(0, afterRows), w + Math.min(0, afterColumns), c],
  );
}

/** Puts `stride - 1` zeros after every row and column. */
function spreadOut(tf: Tfjs, dy: tfjs.Tensor, stride: number): tfjs.Tensor {
  const [n, h, w, c] = dy.shape as Four;
  const gap = stride - 1;
  const columns = tf.pad(tf.reshape(dy, [n * h * w, 1, c]), [
    [0, 0],
    [0, gap],
    [0, 0],
  ]);
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * stride * c]), [
    [0, 0],
    [0, gap],
    [0, 0],
  ]);
  return tf.reshape(rows, [n, h * stride, w * stride, c]);
}
