/** A page of ours within a page of somebody else's: it says how high it is and what was done in it, and nothing more. */

import { dropDraft, helpWriting } from "./composing.js";
import { allowRegret } from "./regretting.js";

const page = document.documentElement;
/** @param {string} theme */
const wear = (theme) => /^(light|dark)$/.test(theme) && (page.style.colorScheme = theme);
const { origins, done: act, number, version, state } = /** @type {any} */ (page.dataset);
// Of the pages that may be around us, where the browser tells which one is.
const around = origins.split(" ").filter((/** @type {string} */ origin) => (location.ancestorOrigins ?? [origin])[0] === origin);

/** @param {object} message told to the page around, if it is one that may frame us */
function say(message) {
  for (const origin of around) parent.postMessage({ outspoken: 1, ...message }, origin);
}

/** Tell what was done. */
const tell = () => act && say({ type: "done", act, number: +number, version: +version, state });

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-say]"))) helpWriting(form);
allowRegret();
if (act) dropDraft();
wear(name.slice(10));

if (parent !== window && origins) {
  let isHeard = false;
  addEventListener("message", ({ source, origin, data }) => {
    // The one thing that page may say: which colours are wanted. Then it is ours that is around us, and listens.
    if (source !== parent || !around.includes(origin) || data?.outspoken !== 1 || data.type !== "theme") return;
    isHeard = true;
    wear(data.value);
  });
  new ResizeObserver(() => say({ type: "size", height: document.body.offsetHeight })).observe(document.body);
  document.addEventListener("click", (event) => {
    if (!isHeard || !(/** @type {Element} */ (event.target).closest("[data-close]"))) return;
    event.preventDefault();
    tell();
    say({ type: "close" });
  });
  // The page around gives us the focus; whoever came to write wants to write, or to say first what has to be said first.
  addEventListener("focus", () => {
    if (document.activeElement === document.body) /** @type {HTMLElement | null} */ (document.querySelector("textarea, [name=code], [name=reason]"))?.focus();
  });
  say({ type: "ready" });
  // A code is shown this once: the page around would take the frame away.
  if (!document.querySelector(".code")) tell();
}
