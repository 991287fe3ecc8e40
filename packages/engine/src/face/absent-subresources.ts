import { type KindDefinition, StatusError } from '@pulse/api'

/** What kubectl asks for and one machine does not offer, by subresource, with what helps instead. */
const absent: Readonly<Record<string, string>> = {
  'pods/attach': 'nobody can attach to a running process: use kubectl logs -f',
  'pods/binding': 'Pods of this installation all run on the one machine',
  'pods/ephemeralcontainers':
    'no container can be added to a running Pod: use kubectl logs and kubectl describe',
  'pods/eviction': 'Pods are not evicted: use kubectl delete pod, or scale what made it',
  'pods/exec':
    'no commands are run in containers: kubectl logs shows what they say, kubectl describe how they fare',
  'pods/portforward': 'ports are not forwarded: a tenant is reached at its URL, by the gateway',
  'pods/proxy': 'nothing is passed on to Pods: a tenant is reached at its URL, by the gateway',
  'pods/resize': 'a running Pod is not resized: change the resources of what made it',
  'serviceaccounts/token': 'no tokens are made here: the one of pulse kubeconfig may do everything',
  'services/proxy':
    'nothing is passed on to Services: a tenant is reached at its URL, by the gateway',
}

/** The refusal of a subresource that a kind does not have. */
export function absentSubresource(
  { group, plural }: KindDefinition,
  { name, subresource = '' }: { readonly name?: string; readonly subresource?: string },
): StatusError {
  const instead = absent[`${plural}/${subresource}`]
  const details = { ...(name !== undefined && { name }), group, kind: plural }
  if (instead === undefined) {
    return new StatusError('NotFound', 'the server could not find the requested resource', details)
  }
  return new StatusError('MethodNotAllowed', `${plural}/${subresource}: ${instead}`, details)
}
