/** One element of machine-written XML, as far as zypper and repositories need it: attributes, and what is inside as text. */
export type XmlElement = { readonly attributes: ReadonlyMap<string, string>; readonly inner: string };

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text without entities. */
export function decodeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return NAMED[name ?? ''] ?? whole;
  });
}

function parseAttributes(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return new Map([...found].map(([, key = '', double, single]) => [key, decodeXml(double ?? single ?? '')]));
}

/**
 * Every element of this name, in order. Elements of one name never lie in each other in what is read here, and markup in text is always
 * escaped by the programs that write it.
 */
export function xmlElements(text: string, name: string): readonly XmlElement[] {
  const pattern = new RegExp(`<${name}((?:\\s[^>]*?)?)(?:/>|>([\\s\\S]*?)</${name}>)`, 'g');
  return [...text.matchAll(pattern)].map(([, attributes = '', inner = '']) => ({
    attributes: parseAttributes(attributes),
    inner,
  }));
}

/** The text in the first element of this name; '' when there is none. */
export function xmlText(text: string, name: string): string {
  return decodeXml(xmlElements(text, name)[0]?.inner ?? '').trim();
}

/** An attribute of the first element of this name; '' when there is none. */
export function xmlAttribute(text: string, name: string, attribute: string): string {
  return xmlElements(text, name)[0]?.attributes.get(attribute) ?? '';
}
