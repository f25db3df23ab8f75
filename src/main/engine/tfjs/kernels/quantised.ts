/** Products with frozen weights in 4 and 8 bit: the weight is unpacked to float32 for one use. Codes arrive as int32, one byte each. */

import { FOUR_BIT_VALUES } from '../../graph/ops/matmul4.ts';
import type { Matmul4Params } from '../../graph/ops/matmul4.ts';
import type { MatmulBitsParams } from '../../graph/ops/fused/matmul-bits.ts';
import { LEVELS, ZERO_POINT, hadamard } from '../../graph/ops/quantize-rows.ts';
import type { QuantizeRowsParams } from '../../graph/ops/quantize-rows.ts';
import type { Tensor, Tf } from '../tf.ts';
import { paramsOf, type Kernel } from './kernel.ts';

/** Both halves of each byte along a new last axis: [high, low]. */
function nibbles(tf: Tf, bytes: Tensor): [Tensor, Tensor] {
  const high = tf.floorDiv(bytes, tf.scalar(16, 'int32'));
  return [high, tf.sub(bytes, tf.mul(high, tf.scalar(16, 'int32')))];
}

function hadamardMatrix(tf: Tf, size: number): Tensor {
  const data = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  hadamard(data, size);
  return tf.tensor(data, [size, size], 'float32');
}

export const quantised: Readonly<Record<string, Kernel>> = {
  matmul4: ([x, packed, absmax], ctx) => {
    const { tf } = ctx;
    const { n, k, block, type, transB } = paramsOf<Matmul4Params>(ctx);
    const codes = tf.reshape(tf.stack(nibbles(tf, packed!), -1), [-1]);
    const shares = tf.gather(tf.tensor1d([...FOUR_BIT_VALUES[type]], 'float32'), tf.cast(codes, 'int32') as ReturnType<Tf['tensor1d']>);
    const weight = tf.reshape(tf.mul(tf.reshape(shares, [-1, block]), tf.reshape(absmax!, [-1, 1])), [n, k]);
    return tf.matMul(x!, weight, false, transB);
  },
  matmulBits: ([x, codes, scales], ctx) => {
    const { tf } = ctx;
    const { n, k, block, bits } = paramsOf<MatmulBitsParams>(ctx);
    const [high, low] = nibbles(tf, codes!);
    const single = bits === 8 ? codes! : tf.stack([low, high], -1);
    const centred = tf.sub(tf.cast(tf.reshape(single, [-1, block]), 'float32'), bits === 8 ? 128 : 8);
    return tf.reshape(tf.matMul(tf.reshape(x!, [-1, k]), tf.reshape(tf.mul(centred, tf.reshape(scales!, [-1, 1])), [n, k]), false, true), ctx.shape);
  },
  quantizeRows: ([x], ctx) => {
    const { tf } = ctx;
    const { rotate } = paramsOf<QuantizeRowsParams>(ctx);
    const z = rotate === 1 ? x! : tf.reshape(tf.matMul(tf.reshape(x!, [-1, rotate]), hadamardMatrix(tf, rotate)), x!.shape);
    const scale = tf.div(tf.maximum(tf.max(tf.abs(z), 1, true), tf.scalar(1e-30)), LEVELS);
    return [tf.cast(tf.add(tf.round(tf.div(z, scale)), ZERO_POINT), 'int32'), scale];
  },
  quantizedMatmul: ([q, rows, weight, channels], { tf }) => {
    const sums = tf.matMul(tf.sub(tf.cast(q!, 'float32'), ZERO_POINT), tf.cast(weight!, 'float32'));
    return tf.mul(tf.mul(sums, rows!), channels!);
  },
};
