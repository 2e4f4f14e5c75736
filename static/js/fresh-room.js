// When the facts changed the whole room is drawn anew, unless somebody is in the middle of something: then a link offers it.
const STILL_MS = 2000;
const LOOK_MS = 1000;
let touchedAt = 0;
let isDrawing = false;

function isWritten(control) {
  if (control.type === "hidden" || control.type === "submit") return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.matches("select")) return [...control.options].some((option, place) => option.selected !== (option.defaultSelected || (!control.querySelector("[selected]") && place === 0)));
  return control.value !== control.defaultValue;
}

function isBusy(main) {
  const isOpen = [...main.querySelectorAll("details[open]")].some((details) => !details.dataset.wasOpen);
  const isSelecting = !document.getSelection()?.isCollapsed;
  return isOpen || isSelecting || Date.now() - touchedAt < STILL_MS || [...main.querySelectorAll("input, textarea, select")].some(isWritten);
}

async function draw() {
  const main = document.getElementById("main");
  if (isDrawing || document.hidden || !main.querySelector("[data-stale]") || isBusy(main)) return;
  isDrawing = true;
  const answer = await fetch(location.pathname, { redirect: "error" }).catch(() => null);
  isDrawing = false;
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  if (!fresh || isBusy(main)) return; // somebody may have begun to write meanwhile
  window.htmx.swap(main, fresh.outerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
  rememberOpen();
}

const rememberOpen = () => document.querySelectorAll("main details[open]").forEach((details) => { details.dataset.wasOpen = "yes"; });

export function startFresh() {
  rememberOpen();
  for (const name of ["input", "pointerdown", "keydown"]) document.addEventListener(name, () => { touchedAt = Date.now(); });
  setInterval(draw, LOOK_MS);
}
