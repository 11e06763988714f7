/** Writes .npy files with any header. Source: numpy.lib.format. */

export function npyOf(
  header: string,
  data: Uint8Array,
  options: { version?: number; headerBytes?: number } = {},
): Buffer {
  const { version = 1 } = options
  const text = Buffer.from(`${header}\n`)
  const length = Buffer.alloc(version > 1 ? 4 : 2)
  const stated = options.headerBytes ?? text.length
  if (version > 1) length.writeUInt32LE(stated)
  else length.writeUInt16LE(stated)
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.of(version, 0), length, text, data])
}

/** The header that numpy writes for this type and shape. */
export const npyHeader = (descr: string, shape: string): string =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`
