import { useQuery } from '@tanstack/react-query'
import { ButtonLink } from '../../../components/link.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { modelPolicyQuery } from '../api/model-policy.ts'
import { describeWaivers } from '../prepare/waivers.ts'

/** The policy in one line, and the way to it. */
export function PolicyPanel() {
  const query = useQuery(modelPolicyQuery())
  return (
    <Loaded query={query} height={80}>
      {(policy) => (
        <Panel
          title="Model policy"
          note={`What blocks and what warns, in scans and licences. ${describeWaivers(policy.waivers)}`}
          actions={
            <ButtonLink to="/settings/model-policy" size="xs" variant="default">
              View and edit
            </ButtonLink>
          }
        />
      )}
    </Loaded>
  )
}
