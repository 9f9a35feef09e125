// Choosing a look: a body and a colour, each a row of radio buttons.

import { BODIES, COLOURS, colourName, drawing, type Palette } from "./palette.js";

export interface Look {
  body: number;
  colour: number;
}

export class LookChooser {
  readonly #where: HTMLElement;
  readonly #prefix: string;
  #palette: Palette;
  #look: Look = { body: 0, colour: 0 };

  constructor(where: HTMLElement, prefix: string, palette: Palette) {
    this.#where = where;
    this.#prefix = prefix;
    this.#palette = palette;
    this.#build();
  }

  get look(): Look {
    return this.#look;
  }

  set look({ body, colour }: Look) {
    this.#look = { body, colour };
    this.#build();
  }

  set palette(palette: Palette) {
    this.#palette = palette;
    this.#build();
  }

  #build(): void {
    const bodies = BODIES.map(([name], body) => this.#choice("body", body, name, { ...this.#look, body }));
    const colours = Array.from({ length: COLOURS }, (_, colour) =>
      this.#choice("colour", colour, colourName(this.#palette, colour), { ...this.#look, colour }),
    );
    this.#where.replaceChildren(fieldset("Body", bodies), fieldset("Colour", colours));
  }

  #choice(part: "body" | "colour", value: number, name: string, shown: Look): HTMLLabelElement {
    const label = document.createElement("label");
    label.title = name;
    const input = document.createElement("input");
    input.type = "radio";
    input.name = `${this.#prefix}${part}`;
    input.value = `${value}`;
    input.checked = this.#look[part] === value;
    input.setAttribute("aria-label", name);
    input.addEventListener("change", () => {
      this.#look = { ...this.#look, [part]: value };
      this.#build();
      // The one that was chosen is another element now.
      this.#where.querySelector<HTMLInputElement>(`input[name="${input.name}"]:checked`)?.focus();
    });
    label.append(input, drawing(this.#palette, shown.body, shown.colour));
    return label;
  }
}

function fieldset(legend: string, choices: HTMLElement[]): HTMLFieldSetElement {
  const set = document.createElement("fieldset");
  const title = document.createElement("legend");
  title.textContent = legend;
  const row = document.createElement("div");
  row.className = "choices";
  row.append(...choices);
  set.append(title, row);
  return set;
}
