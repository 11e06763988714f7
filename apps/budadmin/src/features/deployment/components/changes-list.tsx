import type { Deployment } from '@bud/kernel'
import { Text } from '@mantine/core'
import { changesBetween } from '../prepare/changes.ts'
import classes from './changes-list.module.css'

/** What an update changes, against what runs now. */
export function ChangesList({ before, after }: { before: Deployment; after: Deployment }) {
  const changes = changesBetween(before, after)
  if (changes.length === 0) return <Text c="dimmed">Nothing changes: this is what runs now.</Text>
  return (
    <table className={classes.changes}>
      <caption>Changes against what runs now</caption>
      <tbody>
        {changes.map((change) => (
          <tr key={change.path}>
            <th scope="row">{change.path}</th>
            <td>
              <del>{change.from}</del>
            </td>
            <td>
              <ins>{change.to}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
