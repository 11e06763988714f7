/** Who is asking, in which project, and how they proved it. */
export const ROLES = ['owner', 'admin', 'member'] as const
export type Role = (typeof ROLES)[number]

export interface Principal {
  user_id: string
  name: string
  email: string
  project_id: string
  project_name: string
  role: Role
  /** A session comes with a cookie, which a browser sends by itself: such calls need a check of their origin. */
  via: 'session' | 'token'
}

/** A role this version does not know gives the least rights. */
export const parseRole = (text: string): Role => ROLES.find((role) => role === text) ?? 'member'
