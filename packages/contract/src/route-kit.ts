/** How a route is written down. */
import { oc } from '@orpc/contract'
import { z } from 'zod'

export const id = z.object({ id: z.string() })
export const nothing = z.object({})
export const get = (path: `/${string}`, summary: string, tag: string) =>
  oc.route({ method: 'GET', path, summary, tags: [tag] })
export const post = (path: `/${string}`, summary: string, tag: string, successStatus = 200) =>
  oc.route({ method: 'POST', path, summary, tags: [tag], successStatus })
export const put = (path: `/${string}`, summary: string, tag: string) =>
  oc.route({ method: 'PUT', path, summary, tags: [tag] })
export const patch = (path: `/${string}`, summary: string, tag: string) =>
  oc.route({ method: 'PATCH', path, summary, tags: [tag] })
export const del = (path: `/${string}`, summary: string, tag: string, successStatus = 200) =>
  oc.route({ method: 'DELETE', path, summary, tags: [tag], successStatus })
