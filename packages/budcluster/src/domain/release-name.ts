/** Names of releases, replicas and endpoints: unique, readable in a cluster's own tools, valid as DNS labels. */
import { ResourceName } from '@bud/kernel'

const SUFFIX_LENGTH = 6
const LONGEST_NAME = 40

/** Carries the end of the id, so that an endpoint made under a name that was used before never meets the old release. */
export const releaseName = (endpoint: { id: string; name: string }): string =>
  `${endpoint.name}-${endpoint.id.slice(-SUFFIX_LENGTH)}`

/** An endpoint name made from a model's: "meta-llama/Llama-3.1-8B" → "llama-3-1-8b". */
export function endpointNameFor(modelName: string): string {
  const label = (modelName.split('/').at(-1) ?? modelName)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replaceAll(/^-+|-+$/g, '')
  return ResourceName.safeParse(label).success ? label : 'endpoint'
}
