// The incident's room: the line that was noted is cleared, what was typed since then stays.
import { clockTime } from "./kept-words.js";

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
  if (asks(event) && event.detail.successful) document.getElementById("connection").textContent = "";
});

// Sent before the scripts had come, the line took the whole page with it: go on where the person was writing.
if (location.hash === "#timeline-part") document.getElementById("entry-text")?.focus();
