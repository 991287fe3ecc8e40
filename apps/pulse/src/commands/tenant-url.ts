/** Where a host is served by a door of the gateway: `https://acme.localhost:8443` for `https://localhost:8443`. */
export function tenantUrl(door: string, hostname: string): string {
  const { protocol, port } = new URL(door)
  return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`
}
