import { problemOf } from '../api/problem.ts'
import { request } from '../api/request.ts'
import type { Credential } from '../api/credential.ts'
import type { List } from '../api/list.ts'
import type { Voicemail } from './voicemail.ts'

interface Marking {
  readonly credential: Credential
  readonly list: Pick<List<Voicemail>, 'change'>
  readonly say: (text: string) => void
}

/** Marks a voicemail as heard, or not: it shows at once, and is taken back if the hub would not have it. */
export function marking({ credential, list, say }: Marking): (voicemail: Voicemail) => void {
  const show = (shown: Voicemail): void =>
    list.change((items) => items.map((item) => (item.id === shown.id ? shown : item)))
  const mark = async (before: Voicemail): Promise<void> => {
    const heard = !before.heard
    show({ ...before, heard })
    try {
      const path = `api/voicemails/${before.id}`
      show(await request<Voicemail>(credential, path, { method: 'PATCH', body: { heard } }))
    } catch (error) {
      const { code, detail } = problemOf(error)
      show(before)
      say(`Not marked: ${code}, ${detail}`)
    }
  }
  return (voicemail) => void mark(voicemail)
}
