import { createServer } from 'node:http'
import { problemTypes, problemTypeUri } from '@pulse/api'
import { expect, test } from 'vitest'
import { fetchFrom, listen } from './gateway-under-test.suite.ts'
import { sendAnswer } from './send-answer.ts'

test.each(problemTypes)('problem $slug is sent as the catalogue has it', async (type) => {
  const server = createServer((request, response) =>
    sendAnswer(request, response, { problem: type.slug, page: 'refused', detail: 'Why.' }),
  )
  const { status, headers, body } = await fetchFrom(await listen(server), '/')
  expect(status).toBe(type.status)
  expect(headers['content-type']).toBe('application/problem+json')
  expect(JSON.parse(body)).toEqual({
    type: problemTypeUri(type),
    title: type.title,
    status: type.status,
    detail: 'Why.',
  })
})
