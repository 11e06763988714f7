import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import {
  IconAlerts,
  IconClusters,
  IconEndpoints,
  IconHome,
  IconModels,
  IconOptimise,
  IconSettings,
} from '../components/icons.ts'
import { firingAlertsQuery } from '../features/alerts/api/firing-alerts.ts'
import classes from './shell.module.css'

const places: { to: LinkProps['to']; name: string; Icon: typeof IconHome; exact?: boolean }[] = [
  { to: '/', name: 'Home', Icon: IconHome, exact: true },
  { to: '/models', name: 'Models', Icon: IconModels },
  { to: '/optimise', name: 'Optimise', Icon: IconOptimise },
  { to: '/endpoints', name: 'Endpoints', Icon: IconEndpoints },
  { to: '/alerts', name: 'Alerts', Icon: IconAlerts },
  { to: '/clusters', name: 'Clusters', Icon: IconClusters },
  { to: '/settings', name: 'Settings', Icon: IconSettings },
]

/** The navigation follows the stages of the workflow. */
export function Places() {
  const firing = useQuery(firingAlertsQuery()).data?.length ?? 0
  return (
    <nav className={classes.places} aria-label="Places">
      {places.map(({ to, name, Icon, exact }) => (
        <Link
          key={name}
          to={to}
          className={classes.place}
          activeOptions={{ exact: exact ?? false, includeSearch: false }}
        >
          <Icon size={18} aria-hidden />
          {name}
          {to === '/alerts' && firing > 0 ? (
            <span className={classes.count}>
              {firing}
              <span className="visually-hidden"> firing</span>
            </span>
          ) : null}
        </Link>
      ))}
    </nav>
  )
}
