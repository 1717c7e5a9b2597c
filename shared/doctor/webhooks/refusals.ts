import { fault, type Finding } from '../finding.ts'

/** Who was refused. */
export interface Refused {
  /** The variable with what is verified with, and with what is signed with. */
  readonly credentialName: string
  readonly signingKeyName: string
  /** The variable with the URL, if the provider signs it. */
  readonly urlName: string | null
}

interface Problem {
  readonly code: string
  readonly detail: string
  readonly fix: string | null
}

type Words = (problem: Problem, refused: Refused) => Finding

const settingsDiffer = 'Compare the settings of the provider here with those of the service.'

const dropped: Words = ({ code, detail }) =>
  fault(
    code,
    `${detail}, though it was sent: something on the way drops it`,
    `Let the proxy pass it on, or else ${lowerFirst(settingsDiffer)}`,
  )

const words: Readonly<Record<string, Words>> = {
  missing_header: dropped,
  missing_signature: ({ code, detail }) =>
    fault(
      code,
      `${detail}, and was when it was sent: something on the way changes bodies`,
      `Let the proxy pass them on byte by byte, or else ${lowerFirst(settingsDiffer)}`,
    ),
  missing_payload_hash: dropped,
  malformed_header: ({ code, detail }) =>
    fault(
      code,
      `${detail}, and was not when it was sent: something on the way changes it`,
      `Let the proxy pass it on as it is, or else ${lowerFirst(settingsDiffer)}`,
    ),
  unparseable_body: ({ detail }) =>
    fault(
      'body_changed',
      `something on the way changes bodies: ${lowerFirst(detail)}`,
      'Let the proxy, firewall or gateway pass request bodies on byte by byte.',
    ),
  wrong_application: ({ code, detail }) =>
    fault(code, detail, 'Compare VONAGE_APPLICATION_ID here with that of the service.'),
  wrong_key: wrongKey,
}

/** Why the suite did not believe a sample. */
export function refusalFinding(problem: Problem, refused: Refused): Finding {
  const { code, detail, fix } = problem
  return words[code]?.(problem, refused) ?? fault(code, detail, fix)
}

function wrongKey(_: Problem, { credentialName, signingKeyName, urlName }: Refused): Finding {
  const which =
    signingKeyName === credentialName
      ? `${credentialName} here is not that of the service`
      : `${signingKeyName} here does not belong to ${credentialName} of the service`
  const copy = `Copy the key from the provider's portal into ${credentialName} of the service`
  return urlName === null
    ? fault('wrong_key', `the key is refused: ${which}`, `${copy}; an app may have its own.`)
    : fault(
        'wrong_key',
        `the key is refused for every likely URL: ${which}`,
        `${copy}; if it is right, set ${urlName} to the very URL the provider has.`,
      )
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
