import { Type, type TProperties } from 'typebox'

const tags = ['health']

const Status = Type.Union(
  [Type.Literal('ok'), Type.Literal('degraded'), Type.Literal('draining')],
  {
    description: '`degraded`: something fails. `draining`: the process is about to end.',
  },
)

const Checks = Type.Record(
  Type.String(),
  Type.Union([
    Type.Object({ status: Type.Literal('ok') }),
    Type.Object({ status: Type.Literal('failed'), reason: Type.String() }),
  ]),
  { description: 'What was looked at, by its name.' },
)

const Count = Type.Integer({ minimum: 0 })

/** The same whether all is well or not. */
const answers = (properties: TProperties) => ({
  200: Type.Object(properties, { description: 'It can take requests.' }),
  503: Type.Object(properties, { description: 'It cannot take requests now.' }),
})

/** `/livez` */
export const Alive = {
  tags,
  operationId: 'getLiveness',
  summary: 'Does the process run?',
  description:
    'Says nothing about what the process needs: a failing database is no reason to start it anew.',
  response: { 200: Type.Object({ status: Type.Literal('ok') }, { description: 'It does.' }) },
}

/** `/readyz` */
export const Readiness = {
  tags,
  operationId: 'getReadiness',
  summary: 'Can it take requests?',
  description:
    'For balancers: 503 while something that is needed does not work, and while the process drains.',
  response: answers({ status: Status, checks: Checks }),
}

/** `/health` */
export const State = {
  tags,
  operationId: 'getHealth',
  summary: 'How is it?',
  response: answers({
    status: Status,
    version: Type.String(),
    environment: Type.String({ description: '`NODE_ENV`.' }),
    uptime: Type.Integer({ minimum: 0, description: 'Seconds since the start.' }),
    checks: Checks,
    websocket: Type.Object(
      { connections: Count, errors: Count },
      { description: 'Sockets that are open now, and those that failed since the start.' },
    ),
  }),
}
