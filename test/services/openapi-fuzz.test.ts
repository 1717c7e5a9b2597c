import t from 'tap'
import { openapiFuzz } from '../contracts/openapi-fuzz.ts'

openapiFuzz(t, {}, 1)
