/** Which way a session's audio flows, as one side says it (RFC 8866 §6.7). */
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

interface Description {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

const directions = /^a=(sendrecv|sendonly|recvonly|inactive)\r$/m

/** The direction a description offers or answers. */
export function directionOf(sdp: string): Direction {
  return (directions.exec(sdp)?.[1] ?? 'sendrecv') as Direction
}

/** What fits what the other side offered (RFC 3264 §6.1). */
function answerTo(offered: Direction, wanted: Direction): Direction {
  const sends = wanted.startsWith('send') && /sendrecv|recvonly/.test(offered)
  const receives = /sendrecv|recvonly/.test(wanted) && offered.startsWith('send')
  if (sends) return receives ? 'sendrecv' : 'sendonly'
  return receives ? 'recvonly' : 'inactive'
}

class Track extends EventTarget {
  readonly kind = 'audio'
  readonly id = crypto.randomUUID()
  enabled = true
  stop(): void {}
}

class Stream extends EventTarget {
  readonly #tracks = new Set<Track>()
  readonly getTracks = (): Track[] => [...this.#tracks]
  readonly getAudioTracks = this.getTracks
  readonly getVideoTracks = (): Track[] => []

  getTrackById(id: string): Track | null {
    return this.getTracks().find((track) => track.id === id) ?? null
  }

  addTrack(track: Track): void {
    this.#tracks.add(track)
  }

  removeTrack(track: Track): void {
    this.#tracks.delete(track)
  }
}

/** Tones that go with the media and not with the signalling (RFC 4733). */
class ToneSender {
  readonly toneBuffer = ''
  /** All that were sent. */
  tones = ''

  insertDTMF(tones: string): void {
    this.tones += tones
  }
}

/** Negotiates as a browser's does and is connected as soon as that is done; no media flows. */
class PeerConnection extends EventTarget {
  signalingState = 'stable'
  iceGatheringState = 'new'
  iceConnectionState = 'new'
  connectionState = 'new'
  localDescription: Description | null = null
  remoteDescription: Description | null = null
  ontrack: ((event: { track: Track }) => void) | null = null
  readonly dtmf = new ToneSender()
  readonly #local: { track: Track | null; dtmf: ToneSender } = { track: null, dtmf: this.dtmf }
  readonly #remote = { track: new Track() }
  readonly #transceiver = { direction: 'sendrecv' as Direction }
  #version = 0

  addTrack(track: Track): object {
    this.#local.track = track
    return this.#local
  }

  readonly getSenders = () => (this.#local.track ? [this.#local] : [])
  readonly getReceivers = () => [this.#remote]
  readonly getTransceivers = () => [this.#transceiver]

  async createOffer(): Promise<Description> {
    return this.#describe('offer', this.#transceiver.direction)
  }

  async createAnswer(): Promise<Description> {
    const offered = directionOf(this.remoteDescription?.sdp ?? '')
    return this.#describe('answer', answerTo(offered, this.#transceiver.direction))
  }

  async setLocalDescription(description: Description): Promise<void> {
    this.localDescription = description
    this.iceGatheringState = 'complete'
    this.#become(description.type === 'offer' ? 'have-local-offer' : 'stable')
  }

  async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    if (!sdp.startsWith('v=0\r\n') || !sdp.includes('a=fingerprint:')) throw new Error('not an SDP')
    const isFirst = !this.remoteDescription
    this.remoteDescription = { type, sdp }
    this.#become(type === 'offer' ? 'have-remote-offer' : 'stable')
    if (isFirst) this.ontrack?.({ track: this.#remote.track })
  }

  close(): void {
    this.signalingState = this.iceConnectionState = this.connectionState = 'closed'
  }

  #become(state: string): void {
    this.signalingState = state
    if (state !== 'stable') return
    this.iceConnectionState = this.connectionState = 'connected'
    this.dispatchEvent(new Event('iceconnectionstatechange'))
  }

  #describe(type: Description['type'], direction: Direction): Description {
    return { type, sdp: sdpOf({ type, direction, version: (this.#version += 1) }) }
  }
}

interface SdpOptions {
  readonly type: Description['type']
  readonly direction: Direction
  readonly version: number
}

/** What a browser says of one microphone, in its order and about its length. */
function sdpOf({ type, direction, version }: SdpOptions): string {
  const fingerprint = Array.from({ length: 32 }, () => 'A5').join(':')
  const codecs = ['111 opus/48000/2', '9 G722/8000', '0 PCMU/8000', '126 telephone-event/8000']
  return [
    'v=0',
    `o=- 4611731400430051336 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=msid-semantic: WMS',
    'm=audio 50000 UDP/TLS/RTP/SAVPF 111 9 0 126',
    'c=IN IP4 127.0.0.1',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host generation 0 network-id 1',
    'a=ice-ufrag:F7gI',
    'a=ice-pwd:x9cml/YzichV2+XlhiMu8gyU',
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${type === 'offer' ? 'actpass' : 'active'}`,
    'a=mid:0',
    `a=${direction}`,
    'a=rtcp-mux',
    ...codecs.map((codec) => `a=rtpmap:${codec}`),
    'a=ssrc:1001 cname:caller',
    '',
  ].join('\r\n')
}

class SessionDescription implements Description {
  readonly type: Description['type']
  readonly sdp: string

  constructor({ type, sdp }: Description) {
    this.type = type
    this.sdp = sdp
  }
}

class TrackEvent extends Event {
  readonly track: Track

  constructor(type: string, { track }: { track: Track }) {
    super(type)
    this.track = track
  }
}

async function getUserMedia(): Promise<Stream> {
  const stream = new Stream()
  stream.addTrack(new Track())
  return stream
}

/** The tones that went with the media of a call. */
export const tonesOf = (peer: unknown): string => (peer as PeerConnection).dtmf.tones

/** Puts in place what libraries for browser phones expect of a browser besides its WebSocket. */
export function pretendMedia(): void {
  const globals = {
    RTCPeerConnection: PeerConnection,
    RTCSessionDescription: SessionDescription,
    MediaStream: Stream,
    MediaStreamTrackEvent: TrackEvent,
  }
  Object.assign(globalThis, globals, { window: Object.assign(new EventTarget(), globals) })
  Object.assign(navigator, { mediaDevices: { getUserMedia } })
}
