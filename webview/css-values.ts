import { Directive, directive, type ElementPart } from 'lit/directive.js';
import { noChange } from 'lit/html.js';

type Values = Readonly<Record<string, string>>;

class CssValues extends Directive {
  #written: Record<string, string> = {};

  override render(_values: Values): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [values]: [Values]): typeof noChange {
    const { style } = part.element as HTMLElement | SVGElement;
    for (const [name, value] of Object.entries(values)) {
      if (this.#written[name] === value) continue;
      this.#written[name] = value;
      style.setProperty(name, value);
    }
    return noChange;
  }
}

/** Sets style properties by script: a style attribute would be refused by the page's security policy. */
export const cssValues = directive(CssValues);
