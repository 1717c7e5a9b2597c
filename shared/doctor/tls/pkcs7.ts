/** One element of DER: its tag and its content. */
interface Element {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
  readonly rest: Buffer
}

const sequence = 0x30
const objectIdentifier = 0x06
const contextZero = 0xa0
/** 1.2.840.113549.1.7.2, signedData (RFC 5652 §5.1). */
const signedData = Buffer.from('2a864886f70d010702', 'hex')
const mostCertificates = 16

/**
 * The certificates in a PKCS #7 file without signers, as authorities publish them (`.p7c`).
 * @param content DER
 * @returns each as DER; none if it is something else
 */
export function certificatesInPkcs7(content: Buffer): Buffer[] {
  const [type, wrapped] = children(content, sequence)
  if (type?.tag !== objectIdentifier || !type.content.equals(signedData)) return []
  if (wrapped?.tag !== contextZero) return []
  const certificates = children(wrapped.content, sequence).find(({ tag }) => tag === contextZero)
  if (!certificates) return []
  return elements(certificates.content)
    .filter(({ tag }) => tag === sequence)
    .map(({ whole }) => whole)
}

function children(content: Buffer, tag: number): Element[] {
  const element = read(content)
  return element?.tag === tag ? elements(element.content) : []
}

function elements(content: Buffer): Element[] {
  const found: Element[] = []
  let rest = content
  while (rest.length > 0 && found.length < mostCertificates) {
    const element = read(rest)
    if (!element) return found
    found.push(element)
    rest = element.rest
  }
  return found
}

/** The first element; null if it is cut off, or of no definite length. */
function read(content: Buffer): Element | null {
  const [tag, first] = content
  if (tag === undefined || first === undefined) return null
  const octets = first > 0x80 ? first - 0x80 : 0
  if (first === 0x80 || octets > 3 || content.length < 2 + octets) return null
  const length = octets === 0 ? first : content.readUIntBE(2, octets)
  const start = 2 + octets
  const end = start + length
  if (end > content.length) return null
  return {
    tag,
    content: content.subarray(start, end),
    whole: content.subarray(0, end),
    rest: content.subarray(end),
  }
}
