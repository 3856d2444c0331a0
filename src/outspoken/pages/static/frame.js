/** A page of ours within a page of somebody else's: it says how high it is and what was done in it, and nothing more. */

import { dropDrafts, helpWriting } from "./composing.js";

const page = document.documentElement;
const { origins, done: act, number, version, state } = page.dataset;
const around = (origins ?? "").split(" ");
const schemes = new Map([["light", "light"], ["dark", "dark"], ["auto", "light dark"]]);

/** @param {object} message told to the page around, if it is one that may frame us */
function say(message) {
  for (const origin of around) parent.postMessage({ outspoken: 1, ...message }, origin);
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form:has(textarea)"))) helpWriting(form);
if (act) dropDrafts();

if (parent !== window && origins) {
  addEventListener("message", ({ source, origin, data }) => {
    // The one thing that page may say: which colours are wanted.
    const isTheme = source === parent && around.includes(origin) && data?.outspoken === 1 && data.type === "theme";
    if (isTheme && schemes.has(data.value)) page.style.colorScheme = schemes.get(data.value) ?? "";
  });
  new ResizeObserver(() => say({ type: "size", height: Math.ceil(document.body.offsetHeight) })).observe(document.body);
  document.addEventListener("click", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("[data-close]"))) return;
    event.preventDefault();
    say({ type: "close" });
  });
  document.addEventListener("keydown", ({ key, isComposing }) => key === "Escape" && !isComposing && say({ type: "close" }));
  // The page around gives us the focus; whoever came to write wants to write.
  addEventListener("focus", () => document.activeElement === document.body && document.querySelector("textarea")?.focus());
  say({ type: "ready" });
  if (act) say({ type: "done", act, number: +(number ?? 0), version: +(version ?? 0), state });
}
