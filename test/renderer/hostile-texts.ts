/** Texts as a stranger's file may hold them. Shown, every one is characters and nothing else. */
export const hostileTexts = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 2">',
  '"><svg onload=window.hacked=3>',
  "javascript:window.hacked=4//'",
  '{@html "<b>5</b>"}{window.hacked = 5}',
  '&lt;b&gt;entity&lt;/b&gt; &#x3C;i&#x3E; &amp;amp;',
  '<a href="javascript:window.hacked=6">link</a><style>*{display:none}</style>',
  '\u202Eesrever\u202C and \u2066isolate\u2069 \u200Fright',
  `word${'w'.repeat(10_000)}`,
  'nul\u0000byte and \u0007 bell',
] as const;
