/** A strict reader of XML without a DTD: enough to prove that what the report writes is well-formed, and to look into it. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const namePattern = /[A-Za-z_][\w:.-]*/y;
const attributePattern = /\s+([A-Za-z_][\w:.-]*)="([^"<]*)"/y;
const entityPattern = /&(?:amp|lt|gt|quot|#39);/g;
const characters: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** @throws {Error} with the place of the first thing that is not well-formed, or for a second element with the same id. */
export function readXml(source: string): XmlElement {
  // oxlint-disable-next-line no-control-regex -- what XML forbids
  const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(source);
  if (forbidden !== null) throw new Error(`a forbidden character at ${forbidden.index}`);
  if (!source.isWellFormed()) throw new Error('half a surrogate pair');
  let position = source.startsWith('<!DOCTYPE html>') ? source.indexOf('<html') : 0;
  const ids = new Set<string>();

  const fail = (what: string): never => {
    throw new Error(`${what} at ${position}: ${source.slice(Math.max(0, position - 60), position + 60)}`);
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match !== null) position += match[0].length;
    return match;
  };
  const decode = (raw: string): string => {
    if (raw.replace(entityPattern, '').includes('&')) fail('an ampersand that begins no known entity');
    return raw.replace(entityPattern, (entity) => characters[entity] ?? '');
  };
  const readElement = (): XmlElement => {
    position += 1;
    const name = take(namePattern)?.[0] ?? fail('a tag without a name');
    const attributes: Record<string, string> = {};
    for (let match = take(attributePattern); match !== null; match = take(attributePattern)) {
      const [, key = '', value = ''] = match;
      if (Object.hasOwn(attributes, key)) fail(`the attribute ${key} twice`);
      attributes[key] = decode(value);
    }
    const { id } = attributes;
    if (id !== undefined && ids.has(id)) fail(`the id ${id} twice`);
    if (id !== undefined) ids.add(id);
    if (source.startsWith('/>', position)) {
      position += 2;
      return { name, attributes, children: [] };
    }
    if (source[position] !== '>') fail('a tag that is not closed');
    position += 1;
    return { name, attributes, children: readChildren(name) };
  };
  const readChildren = (parent: string): (XmlElement | string)[] => {
    const children: (XmlElement | string)[] = [];
    for (;;) {
      const next = source.indexOf('<', position);
      if (next < 0) fail(`${parent} never ends`);
      if (next > position) children.push(decode(source.slice(position, next)));
      position = next;
      if (source.startsWith('</', position)) break;
      children.push(readElement());
    }
    const end = `</${parent}>`;
    if (!source.startsWith(end, position)) fail(`something else than ${end}`);
    position += end.length;
    return children;
  };

  if (source[position] !== '<') fail('no element');
  const root = readElement();
  if (source.slice(position).trim() !== '') fail('something after the last element');
  return root;
}

/** The element itself and every element in it, in document order. */
export function everyElement(root: XmlElement): XmlElement[] {
  return [root, ...root.children.flatMap((child) => (typeof child === 'string' ? [] : everyElement(child)))];
}

export function elementsNamed(root: XmlElement, name: string): XmlElement[] {
  return everyElement(root).filter((one) => one.name === name);
}

export function withClass(root: XmlElement, name: string): XmlElement[] {
  return everyElement(root).filter((one) => (one.attributes['class'] ?? '').split(' ').includes(name));
}

/** All text in an element, without titles that only a pointer shows. */
export function textOf(node: XmlElement | string): string {
  if (typeof node === 'string') return node;
  return node.children
    .filter((child) => typeof child === 'string' || child.name !== 'title')
    .map(textOf)
    .join('');
}
