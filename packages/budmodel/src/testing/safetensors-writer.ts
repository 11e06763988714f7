/** Writes safetensors files, also such as lie about their layout. */

export interface HeaderEntry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

export function safetensorsOf(header: Record<string, HeaderEntry | Record<string, string>>, data: Uint8Array): Buffer {
  return withHeader(Buffer.from(JSON.stringify(header)), data)
}

/** Any bytes as the header; `length` overrides what the file announces. */
export function withHeader(header: Uint8Array, data: Uint8Array, length = BigInt(header.length)): Buffer {
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length)
  return Buffer.concat([prefix, header, data])
}

/** Two sound tensors of 8 and 16 bytes. */
export const soundSafetensors = (): Buffer =>
  safetensorsOf(
    {
      __metadata__: { format: 'pt' },
      'model.a': { dtype: 'BF16', shape: [2, 2], data_offsets: [0, 8] },
      'model.b': { dtype: 'F32', shape: [4], data_offsets: [8, 24] },
    },
    Buffer.alloc(24, 1),
  )
