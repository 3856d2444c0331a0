/** Hearing that there is more in a discussion: by server-sent events, while the page is seen. */

/** Milliseconds, at least, until a server that refused is asked again. */
const PAUSE = 9e4;

/**
 * @param {string} address the thread's, in the API
 * @param {(now: { comments: number, version: number }) => void} tell
 * @param {AbortSignal} signal ends it
 */
export function follow(address, tell, signal) {
  /** @type {EventSource | undefined} */
  let source;
  let timer = 0;

  const stop = () => {
    source?.close();
    clearTimeout(timer);
  };
  const start = () => {
    stop();
    // A browser has few connections to a server; a page that nobody sees takes none.
    if (document.hidden || signal.aborted) return;
    source = new EventSource(`${address}/live`);
    source.addEventListener("change", ({ data }) => tell(JSON.parse(data)));
    source.onerror = () => {
      // Not all at once, when a server comes back.
      if (source?.readyState === 2) timer = setTimeout(start, PAUSE * (1 + Math.random()));
    };
  };

  document.addEventListener("visibilitychange", start, { signal });
  // An open connection would keep the page out of the browser's memory of pages.
  addEventListener("pagehide", stop, { signal });
  addEventListener("pageshow", start, { signal });
  signal.addEventListener("abort", stop);
  start();
}
