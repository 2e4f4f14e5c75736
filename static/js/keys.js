// Keyboard shortcuts. Never while somebody types, never with a modifier (but Ctrl+Enter, which sends the form).
const SEQUENCE_MS = 1200;
let pendingGo = 0;

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
  return Boolean(link);
}

function search() {
  const input = document.getElementById("site-search");
  if (input && input.offsetParent) input.focus();
  else return follow(".topbar-search-link");
  return true;
}

// A page's own keys stand at what they reach: links and buttons are pressed, fields get the focus, wherever they are folded away.
function reach(element) {
  if (!element) return false;
  for (let around = element.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  if (element.matches("a, button")) element.click();
  else element.focus();
  return true;
}

function sendForm(event) {
  const form = event.target.form;
  if (form && form.method === "post" && event.target.tagName === "TEXTAREA") form.requestSubmit();
}

function act(key) {
  if (pendingGo && Date.now() - pendingGo < SEQUENCE_MS) {
    pendingGo = 0;
    return /^[a-z]$/.test(key) && follow(`[data-go="${key}"]`);
  }
  if (key === "g") { pendingGo = Date.now(); return true; }
  if (/^[a-z]$/.test(key) && reach(document.querySelector(`main [data-key="${key}"]`))) return true;
  if (key === "d") return follow(".declare");
  if (key === "/") return search();
  if (key === "?") { document.getElementById("keys-dialog")?.showModal(); return true; }
  return false;
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendForm(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return undefined;
    if (act(event.key)) event.preventDefault();
    return undefined;
  });
}
