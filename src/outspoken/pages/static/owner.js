/** For owners of sites: the example wears the colours that are chosen, and what is to be pasted has them. */

const example = /** @type {HTMLElement | null} */ (document.querySelector("outspoken-thread"));
const rule = /** @type {HTMLTextAreaElement} */ (document.getElementById("style"));
const chosen = /** @type {HTMLElement} */ (rule.closest(".chosen"));
const fields = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".colours input"));

function wear() {
  let lines = "";
  for (const { name, value, validity } of fields) {
    const colour = validity.valid ? value : "";
    example?.style.setProperty(`--outspoken-${name}`, colour);
    if (colour) lines += `  --outspoken-${name}: ${colour};\n`;
  }
  rule.value = `outspoken-thread {\n${lines}}`;
  chosen.hidden = !lines;
}

for (const field of fields) field.addEventListener("input", wear);
wear();
