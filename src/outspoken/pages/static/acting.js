/** The one frame in which a reader acts. It is made when somebody wants to, and stands below what it is about. */

import { asking } from "./fetching.js";
import { make } from "./making.js";
import { frameHeight, messageOf } from "./messages.js";

/** @typedef {{ act: string, number: number, version: number, state: string }} Done */

/**
 * @param {string} server
 * @param {() => string} theme
 * @param {(done: Done) => void} heard hears what was done
 */
export function actingOn(server, theme, heard) {
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  /** @type {HTMLElement} */
  let opener;

  /** Tell the frame which colours are wanted. */
  const tellTheme = () => frame?.contentWindow?.postMessage({ outspoken: 1, type: "theme", value: theme() }, server);

  /** Take the frame away, and give the focus back to where it came from, or to what has taken its place. */
  const close = () => {
    const above = /** @type {HTMLElement | null | undefined} */ (frame?.previousElementSibling);
    if (document.activeElement === frame) (opener.isConnected ? opener : above)?.focus();
    removeEventListener("message", listen);
    frame?.remove();
    frame = undefined;
  };

  const listen = (/** @type {MessageEvent} */ { source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== server) return;
    const message = messageOf(data);
    if (message.type === "size") frame.style.blockSize = `${frameHeight(message.height)}px`;
    if (message.type === "close") close();
    if (message.type === "done") heard(message);
    if (message.type === "ready") {
      tellTheme();
      if (document.activeElement === opener) frame.focus();
    }
  };

  /**
   * Open the page of ours that does what a link says, in the frame.
   * @param {HTMLAnchorElement} link
   * @param {Element} place after which it stands
   * @param {Record<string, string>} more what its address says besides
   */
  const open = (link, place, more) => {
    close();
    const address = new URL(link.href);
    address.pathname = `/frame${address.pathname}`;
    opener = link;
    frame = make("iframe", {
      sandbox: "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox",
      referrerpolicy: "origin",
      allow: "",
      title: link.ariaLabel ?? link.textContent ?? "",
      // Known before anything is painted, and to all pages that follow in it.
      name: `outspoken-${theme()}`,
      src: asking(address, more),
    });
    addEventListener("message", listen);
    place.after(frame);
  };

  return { open, close, tellTheme };
}
