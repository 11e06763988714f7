/** What a person changed in a recommended configuration, field by field, for the record of the approval. */
import type { Deployment, Reason } from '@bud/kernel'

export interface DeploymentEdit {
  path: string
  from: string
  to: string
}

/** One entry per leaf that differs; an absent field reads "default". */
export function deploymentEdits(from: Deployment, to: Deployment): DeploymentEdit[] {
  const before = leaves(from)
  const after = leaves(to)
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((path) => ({ path, from: before.get(path) ?? 'default', to: after.get(path) ?? 'default' }))
    .filter((edit) => edit.from !== edit.to)
}

/** An approval covers what was approved and nothing else: one reason per departure. */
export const departuresFrom = (approval: { id: string; deployment: Deployment }, asked: Deployment): Reason[] =>
  deploymentEdits(approval.deployment, asked).map(({ path, from, to }) => ({
    code: 'not-as-approved',
    message: `${path} is ${to}; ${from} was approved (${approval.id}).`,
    path,
    next_step: 'Approve it, or leave out approval_id.',
  }))

function leaves(value: unknown, path = 'deployment', found = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) leaves(child, `${path}.${key}`, found)
  } else if (value !== undefined) {
    found.set(path, String(value))
  }
  return found
}
