export {
  makeAuthority,
  selfSigned,
  type Authority,
  type Identity,
  type LeafOptions,
} from './authority.ts'
export { serveSip, type SipServer } from './serve-sip.ts'
export { serveTls, type TlsServer } from './serve-tls.ts'
