/** Two S3 servers that share no code. */
import { buildMinio, isMinioBuilt } from '../parts/minio.ts'
import { buildVersitygw, isVersitygwBuilt } from '../parts/versitygw.ts'

const servers = [
  { name: 'MinIO', isBuilt: isMinioBuilt, build: buildMinio },
  { name: 'VersityGW', isBuilt: isVersitygwBuilt, build: buildVersitygw },
]

export const missingParts = async ({ require }: { require: boolean }): Promise<string[]> => {
  const missing: string[] = []
  for (const { name, isBuilt, build } of servers) {
    if (isBuilt()) continue
    if (!require) {
      missing.push(`${name} (npm run e2e -- storage --require builds it with Go, some minutes)`)
      continue
    }
    console.log(`e2e storage: building ${name} with Go (some minutes, once) …`)
    try {
      await build()
    } catch (error) {
      missing.push(`${name} (${error instanceof Error ? error.message : String(error)})`)
    }
  }
  return missing
}
