/** The suite needs the real XGBoost; it is installed when it is insisted on. */
import { installXgboost, isXgboostInstalled, XGBOOST_VERSION } from './install.ts'

export const missingParts = async ({ require }: { require: boolean }): Promise<string[]> => {
  if (isXgboostInstalled()) return []
  if (!require) return [`xgboost ${XGBOOST_VERSION} (--require installs it from PyPI for python3)`]
  console.log(`e2e xgboost: installing xgboost ${XGBOOST_VERSION} (470 MB, once) …`)
  try {
    await installXgboost()
    return []
  } catch (error) {
    return [`xgboost ${XGBOOST_VERSION} (${error instanceof Error ? error.message : String(error)})`]
  }
}
