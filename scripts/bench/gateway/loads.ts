/** What is asked of every proxy. */
export const loads = [
  {
    name: '1k-32',
    title: '1 KiB, 32 conns: rps (µs)',
    path: '/1k',
    connections: 32,
    backend: 'keep-alive',
  },
  {
    name: '1k-256',
    title: '1 KiB, 256 conns',
    path: '/1k',
    connections: 256,
    backend: 'keep-alive',
  },
  {
    name: '100k-32',
    title: '100 KiB, 32 conns',
    path: '/100k',
    connections: 32,
    backend: 'keep-alive',
  },
  {
    name: 'http10-32',
    title: '1 KiB, 32 conns, HTTP/1.0 backend',
    path: '/1k',
    connections: 32,
    backend: 'http10',
  },
] as const

export type Load = (typeof loads)[number]
export type LoadName = Load['name']
