"""Writes a GGUF of the same model in another format: decode_gguf.py <source.gguf> <Q8_0|Q4_0> <target.gguf>. All linear weights and the embedding get the format; norms stay F32."""
import sys
import numpy as np
import gguf
from gguf.quants import dequantize, quantize

source, kind, target = sys.argv[1:4]
reader = gguf.GGUFReader(source)
arch = reader.fields["general.architecture"].contents()
writer = gguf.GGUFWriter(target, arch)
for name, field in reader.fields.items():
    if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
        continue
    kind_of = field.types[0]
    writer.add_key_value(name, field.contents(), kind_of, field.types[-1] if kind_of == gguf.GGUFValueType.ARRAY else None)
wanted = gguf.GGMLQuantizationType[kind]
writer.add_file_type({"Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0}[kind])
for t in reader.tensors:
    values = dequantize(t.data, t.tensor_type).astype(np.float32)
    shape = tuple(int(n) for n in reversed(t.shape.tolist()))
    values = values.reshape(shape)
    if len(shape) == 1:
        writer.add_tensor(t.name, values)
    else:
        packed = quantize(values, wanted)
        writer.add_tensor(t.name, packed, raw_dtype=wanted)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
