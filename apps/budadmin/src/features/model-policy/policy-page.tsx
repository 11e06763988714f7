/** By which rules may a model be deployed, and what has been let through? */
import { useQuery } from '@tanstack/react-query'
import { TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { modelPolicyQuery } from './api/model-policy.ts'
import { PolicyEditor } from './components/policy-editor.tsx'
import { WaiversPanel } from './components/waivers-panel.tsx'
import { describeWaivers } from './prepare/waivers.ts'

export function PolicyPage() {
  const query = useQuery(modelPolicyQuery())
  return (
    <Page
      title="Model policy"
      above={<TextLink to="/settings">Settings</TextLink>}
      answer={query.data ? describeWaivers(query.data.waivers) : 'The rules for scans and licences.'}
    >
      <Loaded query={query} height={480}>
        {(policy) => (
          <>
            <WaiversPanel waivers={policy.waivers} />
            <PolicyEditor key={policy.digest} policy={policy} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
