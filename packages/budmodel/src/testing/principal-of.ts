/** Somebody of a project. */
import type { Principal } from '@bud/access'

export const principalOf = (project_id: string): Principal => ({
  user_id: `user-of-${project_id}`,
  name: 'Ada',
  email: 'ada@example.com',
  project_id,
  project_name: project_id,
  role: 'member',
  via: 'token',
})
