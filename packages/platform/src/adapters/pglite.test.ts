import { describeDatabase } from '../testing/database.contract.ts'
import { describeFlowRunner } from '../testing/flow-runner.contract.ts'
import { describeIdempotency } from '../testing/idempotency.contract.ts'
import { openPgliteStore } from '../testing/open-store.ts'

describeDatabase('PGlite', openPgliteStore)
describeFlowRunner('DBOS on PGlite', openPgliteStore)
describeIdempotency('PGlite', openPgliteStore)
