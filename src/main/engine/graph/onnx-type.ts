/** Numbers of the ONNX element types (onnx.proto, TensorProto.DataType). */
import type { DType } from './dtype.ts';

export const ONNX_TYPE: Record<DType, number> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, bfloat16: 16 };
