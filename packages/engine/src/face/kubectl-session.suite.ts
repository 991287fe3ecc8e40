import { type Kubectl, makeCertificates } from '@pulse/testing'
import { expect } from 'vitest'
import { type FaceOptions, type RunningFace, startFace, testToken } from './harness.suite.ts'
import { createShell, type Shell } from './kubectl.suite.ts'

/** Real kubectl against a face of its own, for two who know the token and one who guesses it. */
export interface KubectlSession {
  readonly face: RunningFace
  readonly shell: Shell
  readonly other: Shell
  readonly stranger: Shell
  /** Runs what must succeed without a complaint; the answer is what it prints. */
  ok(args: string, input?: string | object): Promise<string>
  /** Runs what must fail; the answer is the complaint. */
  refused(args: string, input?: string | object): Promise<string>
  /** Fails when the face had a bug on the way. */
  close(): Promise<void>
}

export async function openKubectl(
  { path: kubectl, note }: Kubectl,
  options: FaceOptions = {},
): Promise<KubectlSession> {
  if (note) console.warn(note)
  const certificates = await makeCertificates()
  const face = await startFace({ ...options, tls: certificates })
  const { ca } = certificates
  const reach = { kubectl, server: face.url, ca, token: testToken }
  const shell = await createShell(reach)
  const other = await createShell(reach)
  const stranger = await createShell({ ...reach, token: 'guessed' })
  return {
    face,
    shell,
    other,
    stranger,
    async ok(args, input) {
      const { code, stdout, stderr } = await shell.run(args.split(' '), input)
      expect({ code, stderr }, args).toEqual({ code: 0, stderr: '' })
      return stdout
    },
    async refused(args, input) {
      const { code, stderr } = await shell.run(args.split(' '), input)
      expect(code, args).toBe(1)
      return stderr
    },
    async close() {
      await Promise.all([shell, other, stranger].map((one) => one.close()))
      await face.close()
      expect(face.errors).toEqual([])
    },
  }
}
