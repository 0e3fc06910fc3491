/**
 * The headers under which the page runs, in the browser and in the shell alike: nothing is loaded from anywhere but the page's own
 * origin, nothing is framed, no text becomes a script (OWASP Secure Headers; Electron's security tutorial, items 7 and 18).
 */

/**
 * @param connections where the page may connect to besides its own origin: `'self'` covers a WebSocket of the same host and port in
 * current browsers, older ones want it written out
 */
export function contentSecurityPolicy({ connections = [] }: { connections?: readonly string[] } = {}): string {
  const directives: Readonly<Record<string, string>> = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': ["'self'", ...connections].join(' '),
    'worker-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    // Svelte's own policy for its compiled templates; `{@html}` is forbidden by a lint rule.
    'trusted-types': 'svelte-trusted-html',
  };
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`).join('; ');
}

export function pageHeaders(options: { connections?: readonly string[] } = {}): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(options),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    // Files with a hash in their name could be kept for ever; on loopback that saves nothing, and a stale page after an update costs much.
    'Cache-Control': 'no-store',
  };
}
