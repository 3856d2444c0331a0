/**
 * Hearing that there is more in a discussion: by server-sent events while the page is seen, or, where those don't come
 * through, by asking once in a while.
 */

const PAUSE = 90_000;

/**
 * @param {string} address the thread's, in the API
 * @param {(comments: number, version: number) => void} tell
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
  const hear = (/** @type {string} */ text) => {
    const { comments, version } = JSON.parse(text);
    tell(+comments, +version);
  };
  const ask = () => {
    fetch(address, { signal }).then((answer) => answer.text()).then(hear).catch(() => {});
    wait();
  };
  // Not all at once, when a server comes back.
  const wait = () => (timer = setTimeout(ask, PAUSE * (1 + Math.random())));
  const start = () => {
    stop();
    // A browser has few connections to a server; a page that nobody sees takes none.
    if (document.hidden || signal.aborted) return;
    source = new EventSource(`${address}/live`);
    source.addEventListener("change", (event) => hear(event.data));
    source.onerror = () => source?.readyState === 2 && wait();
  };

  document.addEventListener("visibilitychange", start, { signal });
  // An open connection would keep the page out of the browser's memory of pages.
  addEventListener("pagehide", stop, { signal });
  addEventListener("pageshow", start, { signal });
  signal.addEventListener("abort", stop);
  start();
}
