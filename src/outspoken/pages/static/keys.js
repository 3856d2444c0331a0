/** What single keys do while the focus is in a discussion, and the window that tells it. */

import { button, make } from "./making.js";

/**
 * @param {HTMLElement} root
 * @param {Record<string, () => void>} deeds by key
 * @param {AbortSignal} signal
 */
export function listenToKeys(root, deeds, signal) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    const deed = deeds[event.key];
    // Nothing is written inside a discussion: forms stand below it, or in a frame.
    const isAsked = /** @type {Element} */ (event.target).closest("dialog");
    if (!deed || isAsked || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    deed();
  };
  root.addEventListener("keydown", listen, { signal });
}

/**
 * @param {HTMLElement} root
 * @param {any} say
 * @param {() => void} forget
 */
export function explainKeys(root, say, forget) {
  const rows = Object.entries(say.keys).flatMap(([key, words]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)]);
  const told = make("p", { role: "status" }, say.kept);
  const forgetting = button(say.forget, () => {
    forget();
    told.textContent = say.forgotten;
  });
  const buttons = make("p", { class: "tools" }, button(say.close, () => dialog.close()), forgetting);
  const dialog = make("dialog", { class: "keys", "aria-label": say.title }, make("h3", {}, say.title), make("dl", {}, ...rows), told, buttons);
  dialog.onclose = () => dialog.remove();
  root.append(dialog);
  dialog.showModal();
}
