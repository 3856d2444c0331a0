/** Writing with comfort: a toolbar, shortcuts, a preview beside the text, a draft that survives. The form works without. */

import { button, make, read, sayings } from "./making.js";

/** @type {Record<string, string[]>} by its key: its name, how its button looks, what comes before the words and after */
const MARKS = {
  b: ["strong", "B", "**", "**"],
  i: ["emphasis", "I", "*", "*"],
  q: ["quotation", "❝", "\n> ", "\n\n"],
  k: ["link", "↗", "[", "](https://)"],
};

/** @param {HTMLFormElement} form for a text */
export function helpWriting(form) {
  const say = sayings(form);
  const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));

  /** @param {string[]} mark put around the words that are chosen, so that it can be undone */
  const insert = ([, , before, after]) => {
    const { selectionStart: start, selectionEnd: end, value } = text;
    const words = value.slice(start, end).replaceAll("\n", before.startsWith("\n") ? before : "\n");
    text.focus();
    document.execCommand("insertText", false, before + words + after);
    if (!words) text.selectionEnd = start + before.length;
  };
  const tools = Object.entries(MARKS).map(([key, mark]) => {
    const title = `${say[mark[0]]} (Ctrl+${key.toUpperCase()})`;
    return button(mark[1], () => insert(mark), { class: "tool", title, "aria-label": title });
  });
  text.before(make("div", { class: "tools", role: "group", "aria-label": say.tools }, ...tools));
  text.addEventListener("keydown", (event) => {
    const mark = MARKS[event.key];
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (mark) insert(mark);
    else if (event.key === "Enter") form.requestSubmit(form.querySelector(".main"));
    else return;
    event.preventDefault();
  });

  let isLeft = false;
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    if (isLeft || /** @type {HTMLButtonElement} */ (submitter).value !== "preview") return;
    event.preventDefault();
    try {
      const answer = await read(form.action, undefined, new URLSearchParams(/** @type {any} */ (new FormData(form, submitter))));
      const preview = /** @type {Element} */ (answer.querySelector("section.preview"));
      form.querySelector("section.preview")?.remove();
      form.prepend(preview);
      preview.scrollIntoView({ block: "nearest" });
    } catch {
      // Then as it goes without script, which also tells what is wrong.
      isLeft = true;
      form.requestSubmit(submitter);
    }
  });
  keepDraft(form, text);
}

/**
 * Keep what is written until it has arrived. It lies in this tab's storage, on our own origin, and goes with the tab.
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} text
 */
function keepDraft(form, text) {
  const { action, parent } = /** @type {any} */ (form);
  const key = `${threadIn(action)} ${parent?.value ?? ""}`;
  try {
    // What the server gives back is newer than what lies here.
    if (!text.value) text.value = sessionStorage[key] ?? "";
    form.addEventListener("input", () => (sessionStorage[key] = text.value));
  } catch {
    // Refused: the text is still in the form, and the server gives it back.
  }
}

/** Forget the drafts of a thread, since something of it has arrived. */
export function dropDrafts() {
  try {
    for (const key in sessionStorage) if (key.startsWith(threadIn(location.href))) delete sessionStorage[key];
  } catch {
    // Nothing could be kept.
  }
}

/** @param {string} address @returns {string} */
function threadIn(address) {
  return address.match(/\/t\/\w+|\/write/)?.[0] ?? "";
}
