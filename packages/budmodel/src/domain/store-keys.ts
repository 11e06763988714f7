/** Where things lie in the artifact store. A version's files keep their names below one prefix, so engines can stream it. */

export const versionPrefix = (modelId: string, versionId: string): string => `models/${modelId}/${versionId}`
export const fileKey = (modelId: string, versionId: string, path: string): string =>
  `${versionPrefix(modelId, versionId)}/${path}`
export const uploadPrefix = (uploadId: string): string => `uploads/${uploadId}`
