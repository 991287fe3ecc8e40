import { type KindRegistry, type Log, ownKinds } from '@pulse/api'
import { type ControlPlanePrograms, createTestDatabase, startControlPlane } from '@pulse/testing'
import { createPostgresObjects } from '../../store/postgres/postgres.ts'
import { startFace, testToken } from '../harness.suite.ts'
import { createApi, type Reply } from './api.suite.ts'
import { compareOutcomes, type Deviation } from './compare.suite.ts'
import { installKinds } from './custom-resources.suite.ts'
import { outcomeOf } from './outcome.suite.ts'
import { play, type Story } from './story.suite.ts'

/** A real API server and our face before its real store, side by side. */
export interface Judge {
  /** Plays a story on both; the answer names each row with the places where it differs. */
  compare(story: Story): Promise<ReadonlyMap<string, readonly Deviation[]>>
  /** What our face logged as its own mistakes. */
  readonly errors: readonly unknown[]
  close(): Promise<void>
}

export async function openJudge(programs: ControlPlanePrograms): Promise<Judge> {
  const plane = await startControlPlane(programs)
  const database = await createTestDatabase()
  const { connection } = database
  const openStore = ({ findKind }: KindRegistry, log: Log) =>
    createPostgresObjects({ connection, kinds: findKind, log })
  const face = await startFace({ openStore })
  const kubernetes = createApi('kubernetes', plane)
  const pulse = createApi('pulse', { url: face.url, token: testToken })
  await installKinds(kubernetes, ownKinds())
  return {
    async compare(story) {
      for (const api of [kubernetes, pulse]) {
        const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: story.name } }
        await api.send({ method: 'POST', path: '/api/v1/namespaces', body })
      }
      const [theirs, ours] = await Promise.all([play(story, kubernetes), play(story, pulse)])
      return new Map(
        story.rows.map(({ title, view }) => [
          title,
          compareOutcomes(
            outcomeOf(replyTo(theirs, title), view),
            outcomeOf(replyTo(ours, title), view),
          ),
        ]),
      )
    },
    errors: face.errors,
    async close() {
      await face.close()
      await database.drop()
      await plane.stop()
    },
  }
}

function replyTo(replies: ReadonlyMap<string, Reply>, title: string): Reply {
  const reply = replies.get(title)
  if (!reply) throw new Error(`nothing was answered to: ${title}`)
  return reply
}
