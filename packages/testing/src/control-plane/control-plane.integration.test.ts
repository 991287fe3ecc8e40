import { existsSync } from 'node:fs'
import { get } from 'node:https'
import { expect, test } from 'vitest'
import { findControlPlane } from './programs.ts'
import { startControlPlane } from './start-control-plane.ts'

/** A first build takes minutes; it is bounded by itself. */
const buildMs = 60 * 60_000

test('a Kubernetes API starts, answers its token alone, and leaves nothing behind', {
  timeout: buildMs,
}, async (context) => {
  const found = await findControlPlane()
  if ('missing' in found) return context.skip(found.missing)
  const plane = await startControlPlane(found.programs)
  try {
    expect(await codeOf(`${plane.url}/version`, plane.ca, plane.token)).toBe(200)
    expect(await codeOf(`${plane.url}/version`, plane.ca, 'guessed')).toBe(401)
    expect(existsSync(plane.folder)).toBe(true)
  } finally {
    await plane.stop()
  }
  expect(existsSync(plane.folder)).toBe(false)
  await expect(codeOf(`${plane.url}/version`, plane.ca, plane.token)).rejects.toThrow(
    'ECONNREFUSED',
  )
})

function codeOf(url: string, ca: string, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` }
    get(url, { ca, headers, timeout: 10_000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}
