import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { otherCore } from './pinned-process.ts'

/** What is started and stopped here is small: nginx, one process, up in some milliseconds, 1 KiB for every question. */
export const smallBackendProgram = '/usr/sbin/nginx'

/** Writes the program that serves at the port which the variable PORT names; resolves with its path. */
export async function writeSmallBackend(directory: string): Promise<string> {
  const path = join(directory, 'small-backend')
  const script = `#!/bin/sh
echo "daemon off; master_process off; pid ${directory}/$PORT.pid; error_log /dev/null crit;
events { worker_connections 512; }
http {
  access_log off; keepalive_requests 1000000000;
  server { listen 127.0.0.1:$PORT backlog=512; location / { return 200 ${'x'.repeat(1024)}; } }
}" > ${directory}/$PORT.conf
exec taskset -c ${otherCore} ${smallBackendProgram} -e /dev/null -c ${directory}/$PORT.conf
`
  await writeFile(path, script)
  await chmod(path, 0o700)
  return path
}
