const sentences: Readonly<Record<string, string>> = {
  'api-key.created': 'Key created',
  'api-key.revoked': 'Key revoked',
  'api-key.rotated': 'Key replaced',
  'app.changed': 'App changed',
  'app.created': 'App created',
  'deliveries.purged': 'Deliveries removed',
  'deliveries.replayed': 'Deliveries run again',
  'delivery.purged': 'Delivery removed',
  'delivery.replayed': 'Delivery run again',
  'delivery.revealed': 'Delivery revealed',
  'mapping.put': 'Users mapped',
  'mapping.removed': 'User no longer mapped',
  'provider.configured': 'Provider configured',
  'provider.removed': 'Provider removed',
  'user.revoked': 'User signed out',
}

/** What was done, in words; an action that has none here is told as it is. */
export function describeAction(action: string): string {
  if (Object.hasOwn(sentences, action)) return sentences[action]!
  const words = action.replaceAll(/[._-]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
