/** A glance at the comment that is answered or quoted, without leaving one's place. */

import { make } from "./making.js";

/**
 * @param {HTMLElement} root
 * @param {(link: HTMLAnchorElement) => Element | null} target finds the item that a link leads to on this page
 * @param {AbortSignal} signal
 */
export function glance(root, target, signal) {
  /** @type {Element | undefined} */
  let shown;

  const hide = () => shown?.remove();
  const show = (/** @type {Event} */ event) => {
    const place = /** @type {Element} */ (event.target).closest(".to, .quoting");
    if (shown && place?.contains(shown)) return;
    hide();
    const link = place?.querySelector("a");
    // Whose it is the link says already.
    const text = link && target(link)?.querySelector(".body")?.textContent;
    if (!place || !text) return;
    shown = make("span", { class: "peek", role: "tooltip", id: "outspoken-peek" }, text);
    link.setAttribute("aria-describedby", shown.id);
    place.append(shown);
  };

  for (const name of ["mouseover", "focusin"]) root.addEventListener(name, show, { signal });
  root.addEventListener("mouseleave", hide, { signal });
  root.addEventListener("keydown", ({ key }) => key === "Escape" && hide(), { signal });
}
