/** Making elements and reading pages: no text becomes markup, and every text was written by the server. */

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
  return JSON.parse(root.dataset.say ?? "{}");
}

/**
 * Read a page of ours into a document of its own. The browser's parser makes it from bytes; no string becomes HTML.
 * From another's page nothing is sent along that tells who reads.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @param {URLSearchParams} [form] what a form sends; without it, the page is only read
 * @returns {Promise<Document>}
 */
export function read(address, signal, form) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", address);
    request.responseType = "document";
    request.onload = () => resolve(request.response);
    request.onerror = request.onabort = reject;
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
