const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size as people read it, three digits at most before its unit: `14 MiB`, `1.5 GiB`. */
export function bytesWords(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  const digits = unit === 0 || size >= 10 ? size.toFixed(0) : size.toFixed(1)
  return `${digits} ${units[unit]}`
}
