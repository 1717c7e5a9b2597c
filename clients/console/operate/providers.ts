/** By the names they have in the addresses of their webhooks. */
export const providers = [
  'telnyx',
  'dialpad',
  'vapi',
  'twilio',
  'signalwire',
  'vonage',
  'plivo',
  'retell',
  'standard-webhooks',
] as const
