// A form is sent once: a second click while the first is on its way, or the second half of a double click, sends nothing.
import { say } from "./page.js";

const DOUBLE_CLICK_MS = 600;
const LOST_MS = 8000; // a download leaves the page where it is, and nothing tells that it came

const sending = new WeakMap(); // a form on its way: since when
const answered = new WeakSet();

function release(form) {
  const since = sending.get(form);
  if (since === undefined) return;
  answered.add(form);
  setTimeout(() => {
    if (sending.get(form) !== since) return;
    sending.delete(form);
    form.removeAttribute("aria-busy");
  }, Math.max(0, DOUBLE_CLICK_MS - (performance.now() - since)));
}

function sendOnce(event) {
  const form = event.target;
  if (event.submitter?.formMethod === "get" || form.method !== "post") return;
  if (!navigator.onLine && !form.hasAttribute("hx-post")) {
    // The browser would leave for a page of its own, and take what was typed along.
    event.preventDefault();
    say("No connection: nothing was sent. What you typed is still here; send it again when the connection is back.", "bad");
    return;
  }
  if (sending.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const since = performance.now();
  sending.set(form, since);
  answered.delete(form);
  form.setAttribute("aria-busy", "true");
  setTimeout(() => { if (sending.get(form) === since) release(form); }, LOST_MS);
}

// Whoever types something new after the answer is not double-clicking.
function typedOn(event) {
  const form = event.target.form;
  if (!form || !answered.has(form)) return;
  sending.delete(form);
  form.removeAttribute("aria-busy");
}

export function startSending() {
  // Before everybody else, htmx included. Nothing is disabled: a button that is would not send its own name and value.
  document.addEventListener("submit", sendOnce, { capture: true });
  document.addEventListener("input", typedOn, { capture: true });
  document.addEventListener("htmx:afterRequest", (event) => release(event.detail.elt));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach(release);
  });
}
