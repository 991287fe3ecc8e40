import { expect, test } from 'vitest'
import { makeFault, makeResponse, parseMethodCall, XmlRpcError } from './xmlrpc.ts'

const call = (value: string) =>
  parseMethodCall(
    `<?xml version='1.0'?>\n<methodCall>\n<methodName>execute_kw</methodName>\n<params>\n<param>\n${value}\n</param>\n</params>\n</methodCall>`,
  ).parameters[0]

test.each([
  ['<value><int>-7</int></value>', -7],
  ['<value><i4>3</i4></value>', 3],
  ['<value><boolean>1</boolean></value>', true],
  ['<value><double>1.5</double></value>', 1.5],
  ['<value><string>a &lt;b&gt; &#233; &amp;amp;</string></value>', 'a <b> é &amp;'],
  ['<value>untyped</value>', 'untyped'],
  ['<value><string></string></value>', ''],
  ['<value><string/></value>', ''],
  ['<value><nil/></value>', false],
  ['<value><dateTime.iso8601>20260131T10:00:00</dateTime.iso8601></value>', '2026-01-31 10:00:00'],
  [
    '<value><array><data>\n<value><int>1</int></value>\n<value><array><data></data></array></value></data></array></value>',
    [1, []],
  ],
  [
    '<value><struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n</struct></value>',
    { a: 1 },
  ],
])('%s is read', (xml, value) => {
  expect(call(xml)).toEqual(value)
})

test('what is written can be read again', () => {
  const value = { list: [1, 2.5, true, 'ж <&> "'], empty: {}, none: false }
  const written = makeResponse(value)
  const inner = /<value>.*<\/value>/s.exec(written)?.[0] ?? ''
  expect(call(inner)).toEqual(value)
})

test('a fault has a code and a text', () => {
  expect(makeFault(3, 'Access Denied')).toMatch(/faultCode.*<int>3<\/int>.*Access Denied/s)
})

test.each([
  '<!DOCTYPE a [<!ENTITY b "c">]><methodCall/>',
  '<methodCall><methodName>',
  'nonsense',
  '',
])('%j is refused', (xml) => {
  expect(() => parseMethodCall(xml)).toThrow(XmlRpcError)
})
