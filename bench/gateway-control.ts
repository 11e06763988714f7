/** The control plane of `bench gateway`, in a process of its own so that it takes nothing from who measures. Run by fork. */
import { route, TestControlPlane, upstream } from '@bud/budgateway/testing/test-control-plane'

const control = await new TestControlPlane().listen()
control.publish([route('bench', [upstream('bench.0', process.argv[2] ?? '', 'bench')])])
process.send?.({ port: Number(new URL(control.url).port) })
process.once('disconnect', () => process.exit(0))
