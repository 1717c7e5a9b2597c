/** Names that only our own files use: they need not be spelled out in the bundle. */
const ours =
  /^(?:apply|ask|asked|become|byId|complete|credentials|drop|fail|flush|forget|freshToken|gap|greeted|greeting|isLost|isTicket|lost|missing|obtain|onEnd|onFrame|position|probe|protocols|refusal|remove|renewable|reset|restart|resumed|sent|settle|steady|take|tell)$/

// One file without imports, for pages that have no bundler; built with the console's Vite.
export default {
  build: {
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: {
      input: 'index.ts',
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: 'sdk.js', minify: { mangleProps: { include: ours } } },
    },
  },
}
