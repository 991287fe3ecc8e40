/** The API group of all our kinds. */
export const apiGroup = 'planapulse.com'
export const apiGroupVersion = 'v1alpha1'
/** `apiVersion` of all our kinds. */
export const apiVersion = `${apiGroup}/${apiGroupVersion}` as const
