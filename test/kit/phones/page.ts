import { JsSipPhone } from './jssip.ts'
import { SipJsPhone } from './sipjs.ts'
import type { OpenPhone, PhoneOptions } from './phone.ts'

/** The telephones a page can be, by the library they are made of. */
const libraries = { JsSIP: JsSipPhone, 'SIP.js': SipJsPhone }

export type LibraryName = keyof typeof libraries

/** What a page of a telephone has; its test calls it from outside. */
export interface PhonePage {
  phone: OpenPhone
  install(library: LibraryName, options: PhoneOptions): void
}

const page: Omit<PhonePage, 'phone'> = {
  install(library, options) {
    Object.assign(globalThis, { phone: new libraries[library](options) })
  },
}

Object.assign(globalThis, page)
