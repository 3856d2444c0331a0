/** Writing with comfort: a toolbar, shortcuts, a draft that survives. The form works without, and shows its own preview. */

import { button, make, sayings } from "./making.js";

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

  keepDraft(form, text);
}

/**
 * Keep what is written until it has arrived. It lies in this tab's storage, on our own origin, and goes with the tab.
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} text
 */
function keepDraft(form, text) {
  const { parent } = /** @type {any} */ (form);
  const key = `${threadIn(addressOf(form))} ${parent?.value ?? ""}`;
  try {
    const storage = sessionStorage;
    // What the server gives back is newer than what lies here.
    text.value ||= storage[key] ?? "";
    form.addEventListener("input", () => {
      storage[key] = text.value;
    });
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

/** @param {HTMLFormElement} form @returns {string} where it is sent; `form.action` is the button of that name */
function addressOf(form) {
  return form.getAttribute("action") ?? "";
}

/** @param {string} address @returns {string} */
function threadIn(address) {
  return address.match(/\/t\/\w+|\/write/)?.[0] ?? "";
}
