// Questions about the wording, asked when the writer pauses. They stand in a line that is always there, so nothing moves.
import { token } from "./htmx-glue.js";

const PAUSE_MS = 1500;

async function ask(area, place) {
  const text = area.value;
  const body = new URLSearchParams({ [area.name]: text, csrf_token: token() });
  const headers = { "HX-Request": "true", "X-CSRFToken": token() };
  try {
    const response = await fetch(place.dataset.wordingUrl, { method: "POST", body, headers, redirect: "manual" });
    if (!response.ok || area.value !== text) return;
    const isOpen = place.querySelector("details")?.open;
    place.innerHTML = await response.text();
    if (isOpen && place.querySelector("details")) place.querySelector("details").open = true;
    window.htmx?.process(place);
  } catch { /* no connection: the questions wait, the words do not depend on them */ }
}

function start(area) {
  const place = document.getElementById(area.dataset.wording);
  if (!place || area.dataset.wordingStarted) return;
  area.dataset.wordingStarted = "yes";
  let timer = 0;
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => ask(area, place), PAUSE_MS); });
}

export function startWordings(root) {
  root.querySelectorAll("textarea[data-wording]").forEach(start);
}
