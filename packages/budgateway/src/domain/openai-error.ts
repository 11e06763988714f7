/** Every refusal of the gateway in the shape OpenAI clients understand; each message names the next step. */

export interface OpenAiError {
  status: number
  type: string
  code: string
  message: string
  param: string | null
}

export const errorBody = ({ message, type, param, code }: OpenAiError): string =>
  JSON.stringify({ error: { message, type, param, code } })

/** The same inside a stream that has begun: the openai clients raise it. */
export const errorEvent = (error: OpenAiError): string => `data: ${errorBody(error)}\n\n`

const refusal = (status: number, type: string, code: string, message: string, param: string | null = null) => ({
  status,
  type,
  code,
  message,
  param,
})
const invalidRequest = (status: number, code: string, message: string, param?: string) =>
  refusal(status, 'invalid_request_error', code, message, param)
const serverError = (status: number, code: string, message: string) => refusal(status, 'server_error', code, message)

const NEW_KEY = 'Create a key in the dashboard or with POST /inference-keys on the control plane.'

export const missingKey = (): OpenAiError =>
  invalidRequest(401, 'missing_api_key', `Send an inference key: "Authorization: Bearer bud-sk-…". ${NEW_KEY}`)

export const unknownKey = (): OpenAiError =>
  invalidRequest(401, 'invalid_api_key', `This inference key is not known here, or was revoked. ${NEW_KEY}`)

export const invalidJson = (detail: string): OpenAiError =>
  invalidRequest(400, 'invalid_json', `The request body is not a JSON object: ${detail}`)

export const missingModel = (available: readonly string[]): OpenAiError =>
  invalidRequest(400, 'missing_model', `Say which model: "model" must be a string. ${listOf(available)}`, 'model')

export const unknownModel = (model: string, available: readonly string[]): OpenAiError =>
  invalidRequest(
    404,
    'model_not_found',
    `The model ${JSON.stringify(model.slice(0, 100))} is not served in this project. ${listOf(available)}`,
    'model',
  )

export const unknownPath = (method: string, path: string): OpenAiError =>
  invalidRequest(
    404,
    'unknown_url',
    `${method} ${path.slice(0, 200)} is not served here. The gateway answers POST /v1/chat/completions, /v1/completions, /v1/embeddings and GET /v1/models.`,
  )

export const bodyTooLarge = (limitBytes: number): OpenAiError =>
  invalidRequest(
    413,
    'request_too_large',
    `The request body is larger than ${Math.floor(limitBytes / 2 ** 20)} MiB. Send less, or raise the gateway’s --body-limit-mib.`,
  )

export const encodedBody = (encoding: string): OpenAiError =>
  invalidRequest(415, 'unsupported_encoding', `Send the request body without content-encoding (got "${encoding}").`)

export const badRequest = (message: string): OpenAiError => invalidRequest(400, 'bad_request', message)

export const tooManyRequests = (limit: number): OpenAiError =>
  refusal(
    429,
    'rate_limit_error',
    'gateway_busy',
    `This gateway already has ${limit} requests in flight. Try again shortly, or add gateways.`,
  )

export const upstreamUnreachable = (model: string, reason: string): OpenAiError =>
  serverError(
    502,
    'upstream_unreachable',
    `No replica of "${model}" could be reached (${reason}). Try again; if it stays so, look at the endpoint’s page.`,
  )

export const upstreamBroke = (model: string, reason: string): OpenAiError =>
  serverError(502, 'upstream_failed', `The replica of "${model}" broke off the answer (${reason}). Try again.`)

export const upstreamTimeout = (model: string, waitedMs: number): OpenAiError =>
  serverError(
    504,
    'upstream_timeout',
    `The replica of "${model}" sent nothing for ${Math.round(waitedMs / 1000)} s. Ask for fewer tokens or stream the answer.`,
  )

export const noReplicas = (model: string): OpenAiError =>
  serverError(
    503,
    'no_replicas',
    `"${model}" has no replica in service. Scale its endpoint up, or wait for it to start.`,
  )

export const noSnapshot = (): OpenAiError =>
  serverError(
    503,
    'no_snapshot',
    'This gateway has no routes yet: it has never reached its control plane. Check --control-url and the gateway token.',
  )

export const internalError = (): OpenAiError =>
  serverError(500, 'internal_error', 'The gateway failed on this request; its log says why. Try again.')

function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'Nothing is deployed in this project yet.'
  const shown = names.slice(0, 10).map((name) => `"${name}"`)
  return `Served: ${shown.join(', ')}${names.length > 10 ? `, and ${names.length - 10} more (GET /v1/models)` : ''}.`
}
