/** Time to regret: what is destroyed for good is sent a little later than it was asked for. Without script it is sent at once. */

const PATIENCE = 10_000;

/** Let whoever pressed the button of a form that destroys something still leave it as it is. */
export function allowRegret() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-regret]"));
  const keeping = /** @type {HTMLElement | null} */ (document.querySelector("[data-close]"));
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    /** @type {HTMLButtonElement} */ (event.submitter).disabled = true;
    /** @type {HTMLElement} */ (form.lastElementChild).textContent = form.dataset.regret ?? "";
    keeping?.focus();
    // Whoever goes has decided.
    onpagehide = () => navigator.sendBeacon(form.action, new URLSearchParams(/** @type {any} */ (new FormData(form))));
    const timer = setTimeout(() => {
      onpagehide = null;
      form.submit();
    }, PATIENCE);
    keeping?.addEventListener("click", () => {
      onpagehide = null;
      clearTimeout(timer);
    });
  });
}
