// The incident's room: the line that was noted is cleared, what was typed since then stays.
import { startFresh } from "./fresh-room.js";
import { clockTime } from "./kept-words.js";
import { keepWaiting, sendWaiting, showWaiting } from "./waiting-lines.js";

const sent = new WeakMap();

const field = (form) => document.getElementById(form.dataset.resets);

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches("[data-resets]")) sent.set(form, field(form).value);
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches("[data-resets]") || !event.detail.successful) return;
  const input = field(form);
  if (input.value === sent.get(form)) form.reset();
  input.focus();
});

// Without a connection the room stays as it was, and says since when. What is typed stays typed.
const asks = (event) => event.detail.elt.id === "timeline-part";

function tellLost(event) {
  const place = document.getElementById("connection");
  if (!asks(event) || place.textContent) return;
  place.textContent = `No connection since ${clockTime(Date.now())}. This goes on by itself when it is back.`;
}

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.body.addEventListener(name, tellLost);
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!asks(event) || !event.detail.successful) return;
  document.getElementById("connection").textContent = "";
  sendWaiting();
});

// A line that could not be sent waits here, with its time, and goes off by itself: the key of its form makes it stand once.
document.addEventListener("htmx:sendError", (event) => {
  const form = event.detail.elt;
  if (form.id === "entry-form" && keepWaiting(form)) event.stopPropagation(); // it waits, so nothing failed
}, { capture: true });

// News of the first ten minutes comes row by row: a row in which somebody types stays, and one that is the same too.
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const row = event.detail.target;
  if (!row?.matches?.("[data-row]")) return;
  const news = event.detail.fragment.querySelector?.("[data-row]");
  const isWritten = [...row.querySelectorAll("input:not([type=hidden])")].some((input) => input.value);
  if (isWritten || row.contains(document.activeElement) || news?.dataset.row === row.dataset.row) event.detail.shouldSwap = false;
});

// Folded, the list says how many are noted: those that it shows, once a new row has its own marks.
document.body.addEventListener("htmx:afterSettle", () => {
  const told = document.querySelector("[data-noted]");
  if (told) told.textContent = document.querySelectorAll("#first-minutes [data-row].done").length;
});

showWaiting();
sendWaiting();
window.addEventListener("online", sendWaiting);
document.addEventListener("htmx:load", showWaiting); // the room may have been drawn anew
startFresh();

// Sent before the scripts had come, the line took the whole page with it: go on where the person was writing.
if (location.hash === "#timeline-part") document.getElementById("entry-text")?.focus();
