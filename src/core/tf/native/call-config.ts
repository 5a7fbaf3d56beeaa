import { bytesField, intField, message } from './protobuf.ts';

/** ConfigProto { graph_options { rewrite_options {} } allow_soft_placement }: TensorFlow's own graph rewrites. */
export const CALL_CONFIG = message([bytesField(10, bytesField(10, message([]))), intField(7, 1)]);
