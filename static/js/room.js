// The incident's room: the line that was noted is cleared, what was typed since then stays.
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

// Sent before the scripts had come, the line took the whole page with it: go on where the person was writing.
if (location.hash === "#timeline-part") document.getElementById("entry-text")?.focus();
