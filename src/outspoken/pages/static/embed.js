/** What a page loads to show a discussion: it registers the element. Options stand on the element, none on this script. */

import { elementFor } from "./element.js";

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

// The server is where this script came from; nothing else in the page can name another.
if (script?.src && !customElements.get("outspoken-thread")) {
  customElements.define("outspoken-thread", elementFor(new URL(script.src).origin));
}
