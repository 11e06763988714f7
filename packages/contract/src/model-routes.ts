/** The registry's part of the API. */
import { z } from 'zod'
import * as m from './model-resources.ts'
import * as g from './registry-resources.ts'
import { Accepted } from './resources.ts'
import { del, get, id, nothing, patch, post, put } from './route-kit.ts'

const ref = z.object({ id: z.string().describe('Id or name, or a version: name@3, name@production ("/" as %2F).') })

export const models = {
  list: get('/models', 'Registered models and catalogue entries, filtered, with facets', 'Models')
    .input(m.ListModels)
    .output(m.ModelPage),
  register: post('/models', 'Register a model; import and scan start by themselves', 'Models', 202)
    .input(m.RegisterModel)
    .output(Accepted),
  get: get('/models/{id}', 'One model (id or name, "/" as %2F), or one version of it (name@3)', 'Models')
    .input(ref)
    .output(m.ModelDetail),
  update: patch('/models/{id}', 'Change description and tags', 'Models')
    .input(m.UpdateModel.extend({ id: z.string() }))
    .output(m.ModelDetail),
  compare: get('/model-comparison', 'Up to four models side by side', 'Models')
    .input(z.object({ models: z.string().describe('Two to four ids or names, separated by commas.') }))
    .output(z.array(m.ModelDetail)),
  addVersion: post('/models/{id}/versions', 'Add a version; import and scan start by themselves', 'Models', 202)
    .input(m.AddVersion.extend({ id: z.string() }))
    .output(Accepted),
  files: get('/models/{id}/files', 'Every file of a version', 'Models')
    .input(
      ref.extend({
        search: z.string().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
        cursor: z.string().optional(),
      }),
    )
    .output(z.object({ items: z.array(m.ModelFile), next_cursor: z.string().nullable() })),
  rescan: post('/models/{id}/scan', 'Scan again', 'Models', 202).input(ref).output(Accepted),
  setAlias: put('/models/{id}/aliases/{alias}', 'Point staging or production at a version', 'Models')
    .input(z.strictObject({ id: z.string(), alias: m.VersionAlias, version: z.number().int().positive() }))
    .output(m.ModelDetail),
  removeAlias: del('/models/{id}/aliases/{alias}', 'Take an alias away', 'Models')
    .input(z.object({ id: z.string(), alias: m.VersionAlias }))
    .output(nothing),
  archive: post('/models/{id}/archive', 'Archive a version (name@3): kept, never deployed', 'Models')
    .input(ref)
    .output(m.ModelDetail),
  restore: post('/models/{id}/restore', 'Bring an archived version back', 'Models').input(ref).output(m.ModelDetail),
  deleteVersion: del('/models/{id}/versions/{version}', 'Delete one version with its files', 'Models')
    .input(z.object({ id: z.string(), version: z.coerce.number().int().positive() }))
    .output(nothing),
  delete: del('/models/{id}', 'Delete a model with all versions; refused while an endpoint uses it', 'Models')
    .input(id)
    .output(nothing),
  importBenchmarks: post('/benchmarks', 'Import quality benchmarks of models', 'Models')
    .input(m.ImportBenchmarks)
    .output(z.object({ imported: z.number().int(), models: z.number().int() })),
}

export const uploads = {
  create: post('/uploads', 'Open an upload', 'Models', 201).output(
    z.object({ id: z.string(), source_path: z.string() }),
  ),
  get: get('/uploads/{id}', 'What has arrived', 'Models').input(id).output(g.Upload),
  beginFile: post(
    '/uploads/{id}/files',
    'Begin a file, or go on with it: which parts are missing, and where to',
    'Models',
  )
    .input(g.BeginUploadFile)
    .output(g.UploadFile),
  completeFile: post('/uploads/{id}/complete', 'All parts of a file have been sent', 'Models')
    .input(z.strictObject({ id: z.string(), path: z.string() }))
    .output(g.UploadFile),
  delete: del('/uploads/{id}', 'Drop an upload with everything that arrived', 'Models').input(id).output(nothing),
}

const named = z.object({ name: z.string() })
export const connections = {
  list: get('/connections', 'Buckets and hubs that models may come from', 'Models').output(z.array(g.Connection)),
  create: post('/connections', 'Add a connection; it is tried before it is kept', 'Models', 201)
    .input(g.CreateConnection)
    .output(g.Connection),
  delete: del('/connections/{name}', 'Remove a connection', 'Models').input(named).output(nothing),
}

export const modelPolicy = {
  get: get('/model-policy', 'The rules for scans and licences', 'Models').output(g.ModelPolicy),
  replace: put('/model-policy', 'Replace the rules; stored reports are judged anew', 'Models')
    .input(z.strictObject({ text: z.string().max(200_000) }))
    .output(g.ModelPolicy),
  waive: post('/model-policy/waivers', 'Let one finding through, named and for a time', 'Models', 201)
    .input(g.CreateWaiver)
    .output(g.ModelPolicy),
  removeWaiver: del('/model-policy/waivers/{name}', 'Take a waiver back', 'Models').input(named).output(g.ModelPolicy),
}

export const artifacts = {
  sweep: post('/artifact-sweep', 'Find, and remove, stored files that belong to no model', 'Models')
    .input(z.strictObject({ dry_run: z.boolean().default(true) }))
    .output(g.ArtifactSweep),
}
