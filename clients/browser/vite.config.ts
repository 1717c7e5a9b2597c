/** Names that only our own files use: they need not be spelled out in the bundle. */
const ours =
  /^(?:apply|ask|asked|become|byId|complete|credentials|drop|fail|flush|forget|freshToken|gap|greeted|greeting|isLost|isTicket|lost|missing|obtain|onEnd|onFrame|position|probe|protocols|refusal|remove|renewable|reset|restart|resumed|sent|settle|steady|take|tell)$/

/** One file without imports, for pages that have no bundler; built with the console's Vite. */
const bundle = (input: string, file: string, mangled: RegExp) => ({
  target: 'es2022',
  modulePreload: false,
  // Each is built by itself: names can be shortened in a single file only.
  emptyOutDir: false,
  rolldownOptions: {
    input,
    preserveEntrySignatures: 'strict',
    output: { entryFileNames: file, minify: { mangleProps: { include: mangled } } },
  },
})

export default {
  builder: {},
  environments: {
    client: { build: bundle('index.ts', 'sdk.js', ours) },
    sip: { consumer: 'client', build: bundle('sip/index.ts', 'sip.js', /^$/) },
  },
}
