import type { Difference } from './difference.ts'

/** Where objects and tables look otherwise. */
export const objectDifferences: readonly Difference[] = [
  {
    what: 'Items of a list carry `apiVersion` and `kind`.',
    why: 'A cluster leaves them out for its own kinds; an item that says what it is can be handed on as it is.',
    at: /^body(\.items\[\d+\]|\.rows\[\d+\]\.object)\.(apiVersion|kind)$/,
    rows: 'anywhere',
  },
  {
    what: 'Objects without a spec may lack a `generation` that a cluster gives, and others have one that a cluster does not.',
    why: 'Every kind with a spec or a status has a generation here; a cluster decides kind by kind.',
    at: /\.generation$/,
    rows: 'anywhere',
  },
  {
    what: 'There is no `status` until a controller has written one.',
    why: 'A cluster shows an empty one, with zeros; nobody reads zeros that nobody counted.',
    at: /^body\.status$/,
    rows: 'anywhere',
  },
  {
    what: 'A Service has no IP families.',
    why: 'There is no cluster network on one machine: every Service is headless.',
    at: /\.spec\.(clusterIPs|ipFamilies|ipFamilyPolicy)$/,
    rows: ['forms: create a service', 'deleting: a service'],
  },
  {
    what: 'A claim has no protection finalizer of its own.',
    why: "What must not go is protected by Pulse's teardown.",
    at: /\.metadata\.(finalizers|managedFields\[\d+\]\.fieldsV1\.f:metadata)$/,
    rows: [
      'forms: create a claim',
      'forms: persistentvolumeclaims as a table',
      'deleting: a claim',
    ],
  },
  {
    what: 'A Job gets no selector and labels from its uid.',
    why: 'Its pods are found by their owner.',
    at: /(\.metadata\.labels|\.spec\.(selector|manualSelector|podReplacementPolicy)|\.template\.metadata|\.f:(manualSelector|podReplacementPolicy))$/,
    rows: ['forms: create a job', 'forms: jobs as a table'],
  },
  {
    what: 'The Job in a CronJob has its defaults from the beginning, and no empty metadata.',
    why: 'It is seen what will run.',
    at: /jobTemplate(\.spec\.template)?\.(metadata|spec\.\w+)$|f:jobTemplate\.f:spec\.f:\w+$/,
    rows: ['forms: create a cron job', 'forms: cronjobs as a table'],
  },
  {
    what: 'A Pod gets no tolerations, priority and quality class.',
    why: 'There is one machine, and nothing to be scheduled between.',
    at: /\.(tolerations|priority|preemptionPolicy|qosClass)$|\.metadata\.annotations$/,
    rows: ['forms: create a pod'],
  },
  {
    what: 'An Event has no empty fields of the newer API.',
    why: 'What is not known is left out.',
    at: /\.(eventTime|reportingComponent|reportingInstance)$|f:(eventTime|reportingComponent|reportingInstance)$/,
    rows: ['forms: create an event'],
  },
  {
    what: 'The finalizer of a Namespace stands in its metadata.',
    why: 'There is no `/finalize` here; the namespace controller lets it go as any other.',
    at: /\.metadata\.(finalizers|deletionGracePeriodSeconds|managedFields\[\d+\]\.fieldsV1\.f:metadata(\.f:finalizers)?)$|^body\.spec$/,
    rows: [
      'forms: a namespace as a table',
      'creating: a namespace',
      'deleting: a namespace',
      'deleting: delete a namespace',
      'deleting: a namespace that is going',
    ],
  },
  {
    what: 'A Namespace that is being deleted becomes `Terminating` by its controller.',
    why: 'A moment later than in a cluster.',
    at: /^body\.status\.phase$/,
    rows: ['deleting: delete a namespace', 'deleting: a namespace that is going'],
  },
  {
    what: 'A Scale is never a table.',
    why: 'kubectl does not print it.',
    at: /^body$/,
    rows: ['forms: scale as a table'],
  },
  {
    what: 'The columns of built-in kinds have the types `date` and `integer`.',
    why: 'As those of custom resources have; a cluster says `string`, and kubectl prints both alike.',
    at: /\.columns\.[^.]+\.type$/,
    rows: 'anywhere',
  },
  {
    what: 'Some columns of a cluster are not printed: durations of Jobs, targets of autoscalers, use of quotas, subjects of bindings, and what nothing here has.',
    why: '`-o yaml` shows what there is.',
    at: /\.(columns|cells)\.(VolumeMode|VolumeAttributesClass|Request|Limit|Nominated Node|Readiness Gates|Subobject|First Seen|Duration|Targets|Allowed Disruptions|Users|Groups|ServiceAccounts)$/,
    rows: [
      'forms: persistentvolumeclaims as a table',
      'forms: resourcequotas as a table',
      'forms: pods as a table',
      'forms: events as a table',
      'forms: jobs as a table',
      'forms: rolebindings as a table',
      'forms: horizontalpodautoscalers as a table',
      'forms: poddisruptionbudgets as a table',
    ],
  },
  {
    what: '`Age` is printed where a cluster prints `Created At`, and the number of secrets of a ServiceAccount.',
    why: 'One way for all kinds.',
    at: /\.(columns|cells)\.(Age|Created At|Secrets)$/,
    rows: [
      'forms: serviceaccounts as a table',
      'forms: limitranges as a table',
      'forms: roles as a table',
    ],
  },
  {
    what: 'An empty cell is null, a number a number, and a flag a flag.',
    why: 'A cluster writes `<none>`, `<unset>`, `N/A` or nothing, kind by kind; kubectl prints null as `<none>`.',
    at: /\.cells\.[^.]+$/,
    rows: [
      'forms: persistentvolumeclaims as a table',
      'forms: pods as a table',
      'forms: jobs as a table',
      'forms: horizontalpodautoscalers as a table',
      'forms: poddisruptionbudgets as a table',
    ],
  },
  {
    what: 'The first column of events has the format of a name.',
    why: 'So that clients may follow a row.',
    at: /\.columns\.[^.]+\.format$/,
    rows: ['forms: events as a table'],
  },
  {
    what: 'Rows without objects have no `object`.',
    why: 'A cluster says null.',
    at: /\.rows\[\d+\]\.object$/,
    rows: ['forms: a table without objects'],
  },
  {
    what: "The bookmark that ends the initial events has no cells in a table, and says so in the table's metadata too.",
    why: 'It is no object.',
    at: /^body\[\d+\]\.object\.(metadata\.annotations|rows\[0\]\.cells\..*)$/,
    rows: ['watching: with initial events, as tables'],
  },
  {
    what: 'A Pod may have the few fields that are new in Kubernetes 1.36 (`schedulingGroup`, and of images and devices in its status), and not the `workloadRef` of 1.35.',
    why: 'The declarations that Pods are checked with are of 1.36; nothing here reads these fields.',
    at: /^body\.(PodSpec\.(workloadRef|schedulingGroup)|(WorkloadReference|PodSchedulingGroup|ImageVolumeStatus|NodeAllocatableResourceClaimStatus)\.\w+|ResourceHealth\.message|VolumeStatus\.image|VolumeMountStatus\.volumeStatus|PodStatus\.nodeAllocatableResourceClaimStatuses)$/,
    rows: [
      'fields: of the kinds below api/v1',
      'fields: of the kinds below apis/apps/v1',
      'fields: of the kinds below apis/batch/v1',
    ],
  },
]
