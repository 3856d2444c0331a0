/** Comfort for readers and writers on our own pages, which work without it. */

import { dropDraft, helpWriting } from "./composing.js";
import { read } from "./fetching.js";
import { beginReading } from "./reading.js";
import { allowRegret } from "./regretting.js";

const root = document.getElementById("discussion");

if (root?.dataset.thread) {
  for (const told of document.querySelectorAll(".zone")) told.remove();
  beginReading(root, {
    mark: "c",
    server: location.origin,
    again: () => read(location.href.split("#")[0]),
    bring: async (number) => location.assign(`/t/${root.dataset.thread}/${number}`),
    counted: () => {},
  });
}

// In a frame, the frame's own script helps with forms.
if (!document.querySelector("html.framed")) {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-say]"))) helpWriting(form);
  allowRegret();
  if (document.querySelector("[data-sent]")) dropDraft();
}
