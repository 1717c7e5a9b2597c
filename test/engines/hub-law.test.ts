import t from 'tap'
import { hubLaw } from '../contracts/hub-law.ts'
import { sharedTopology } from '../kit/topology.ts'

hubLaw(t, (t, environment) => sharedTopology(t, environment), {
  seed: 3,
  events: 200,
  followers: 30,
})
