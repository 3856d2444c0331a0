/** For owners of sites: the example wears the colours that are chosen, and what is to be pasted has them. */

import { make } from "./making.js";

const example = /** @type {HTMLElement | null} */ (document.querySelector("outspoken-thread"));
const rule = /** @type {HTMLTextAreaElement} */ (document.getElementById("style"));
const pasted = /** @type {HTMLElement} */ (rule.closest("div"));
const fields = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".colours [name]"));

function wear() {
  let lines = "";
  for (const { name, value, validity } of fields) {
    const colour = validity.valid ? value : "";
    example?.style.setProperty(`--outspoken-${name}`, colour);
    if (colour) lines += `  --outspoken-${name}: ${colour};\n`;
  }
  rule.value = `outspoken-thread {\n${lines}}`;
  pasted.hidden = !lines;
}

for (const field of fields) {
  const picker = make("input", { type: "color", "aria-label": field.labels?.[0].textContent ?? "" });
  const show = () => (picker.value = (field.validity.valid && field.value) || field.placeholder);
  field.oninput = () => {
    show();
    wear();
  };
  picker.oninput = () => {
    field.value = picker.value;
    wear();
  };
  show();
  field.before(picker);
}
wear();
