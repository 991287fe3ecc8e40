/**
 * A runner of whoever runs this: a Pod with files of a Secret and of a ConfigMap that crashes once, is deleted while it
 * cannot be removed, and goes when it can. Prints what was seen of it, as JSON.
 */
import { Buffer } from 'node:buffer'
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { refOf } from '@pulse/api'
import { conditionOf, createMachine, isReady, podFolders, statusOf } from '../pod-runner.suite.ts'
import { secretsFolderOf } from '../secrets-folder.ts'

const { octet, mark } = JSON.parse(process.argv[2] ?? '{}')
// Nothing else may hold the process while a Pod is waited for.
setInterval(() => {}, 60_000)
const machine = await createMachine({ octet })
const podsFolder = join(machine.stateDir, 'pods')
const secretsFolder = secretsFolderOf(machine.stateDir, podsFolder)
const data = { password: Buffer.from('s3cret').toString('base64') }
await machine.create({ kind: 'Secret', metadata: { name: 'keys', namespace: 'one' }, data })
await machine.create({
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'one' },
  data: { first: '1', second: '2' },
})

const created = await machine.createPod({
  containers: [
    {
      name: 'main',
      image: 'sh',
      // A program may close what is its own: here, as much as a mounted Secret is for its owner.
      args: [
        `cat $PULSE_MOUNT_SETTINGS/deep/second $PULSE_MOUNT_KEYS/password; cd $PULSE_MOUNT_SCRATCH; [ -e closed ] || { mkdir closed; echo x > closed/file; chmod 500 closed; exit 1; }; exec sleep ${mark}`,
      ],
      volumeMounts: ['keys', 'settings', 'scratch'].map((name) => ({
        name,
        mountPath: `/mnt/${name}`,
      })),
    },
  ],
  volumes: [
    { name: 'keys', secret: { secretName: 'keys' } },
    {
      name: 'settings',
      configMap: {
        name: 'settings',
        items: ['first', 'second'].map((key) => ({ key, path: `deep/${key}` })),
      },
    },
    { name: 'scratch', emptyDir: {} },
  ],
})
const pod = await machine.until(created, (now) => statusOf(now).restartCount === 1 && isReady(now))
const secretsBefore = readdirSync(secretsFolder)
const log = machine.logOf(pod)

chmodSync(podsFolder, 0o500)
await machine.objects.delete(refOf(pod))
const stuck = await machine.until(pod, (now) => conditionOf(now, 'CleanedUp') !== undefined)
chmodSync(podsFolder, 0o711)
await machine.untilGone(pod)
const foldersAfter = podFolders(machine)
const secretsAfter = readdirSync(secretsFolder)

await machine.runner.stop({ keepPods: false })
const secretsAtEnd = existsSync(secretsFolder)
rmSync(machine.stateDir, { recursive: true })
const { reason, message } = conditionOf(stuck, 'CleanedUp') ?? {}
const told = machine.notes.filter((note) => note.reason === 'FailedCleanUp')
const seen = { uid: process.getuid?.(), log, secretsBefore, condition: { reason, message }, told }
process.stdout.write(
  JSON.stringify({ ...seen, podUid: pod.metadata.uid, foldersAfter, secretsAfter, secretsAtEnd }),
)
process.exit(0)
