/** Making elements: no text becomes markup, and every text was written by the server. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {(string | Node)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  made.append(...children);
  return made;
}

/**
 * @param {string} text
 * @param {() => void} deed
 * @param {Record<string, string>} [attributes]
 */
export function button(text, deed, attributes = { class: "tool" }) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.onclick = deed;
  return made;
}

/** @param {HTMLElement} root @returns {any} what the server gave scripts to say, in the reader's language */
export function sayings(root) {
  return JSON.parse(/** @type {any} */ (root.dataset).say);
}
