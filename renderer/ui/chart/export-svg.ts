/** A chart as a file of its own: what is on screen, with every colour and font written into it, because the page's style sheet does not travel. */

/** SVG's presentation attributes that a style sheet may set. */
const inlined = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'font-family', 'font-size', 'font-weight',
  'font-style', 'font-variant-numeric', 'text-anchor', 'dominant-baseline', 'visibility',
] as const;
/** What only the page understands. */
const interactive = ['class', 'style', 'tabindex', 'role', 'aria-label', 'aria-pressed', 'aria-hidden', 'aria-disabled'] as const;

/**
 * Elements with `data-screen-only` are left out.
 * @param background a colour, so that a figure of the dark theme stays readable on paper
 */
export function exportSvg(svg: SVGSVGElement, { background }: { background: string }): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  for (const [index, original] of originals.entries()) inlineStyle(original, copies[index] as Element);
  for (const hidden of copy.querySelectorAll('[data-screen-only]')) hidden.remove();
  const { width, height } = svg.getBoundingClientRect();
  const [x = 0, y = 0, boxWidth = width, boxHeight = height] = (svg.getAttribute('viewBox') ?? `0 0 ${width} ${height}`).split(/[\s,]+/).map(Number);
  setAttributes(copy, { width, height, viewBox: `${x} ${y} ${boxWidth} ${boxHeight}` });
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  setAttributes(ground, { x, y, width: boxWidth, height: boxHeight, fill: background });
  copy.prepend(ground);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function inlineStyle(original: Element, copy: Element): void {
  const style = getComputedStyle(original);
  for (const name of inlined) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== 'normal') copy.setAttribute(name, value.replace(/url\("(.*?)"\)/, 'url($1)'));
  }
  for (const name of interactive) copy.removeAttribute(name);
}

function setAttributes(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** Twice the size on screen: sharp on paper. @throws {Error} where the browser cannot draw it */
export async function exportPng(svg: SVGSVGElement, { background }: { background: string }): Promise<Uint8Array<ArrayBuffer>> {
  const scale = 2;
  const address = URL.createObjectURL(new Blob([exportSvg(svg, { background })], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(image.naturalWidth * scale);
    canvas.height = Math.ceil(image.naturalHeight * scale);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('the picture could not be drawn');
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(address);
  }
}
