// Lines of the timeline that were written without a connection: kept in this browser, sent when it is back, each once.
import { token } from "./htmx-glue.js";
import { clockTime, placeOf } from "./kept-words.js";
import { say } from "./page.js";

const place = () => placeOf("lines", location.pathname);
let isSending = false;

function waiting() {
  try { return JSON.parse(localStorage.getItem(place())) || []; } catch { return []; }
}

function keep(lines) {
  try { localStorage.setItem(place(), JSON.stringify(lines)); return true; } catch { return false; /* off or full: the line stays in the field */ }
}

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function showWaiting() {
  const form = document.getElementById("entry-form");
  if (!form) return;
  const lines = waiting();
  let list = document.getElementById("waiting-lines");
  if (!lines.length) { list?.remove(); return; }
  if (!list) {
    list = Object.assign(document.createElement("ul"), { id: "waiting-lines", className: "plain-list small-text muted" });
    list.setAttribute("role", "status");
    form.after(list);
  }
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: `Waits for the connection, written ${clockTime(line.at)}: ${line.fields.text}` })));
}

export function keepWaiting(form) {
  const fields = Object.fromEntries(new FormData(form));
  delete fields.csrf_token;
  if (!fields.text || !keep([...waiting(), { at: Date.now(), fields }])) return false;
  form.reset();
  document.getElementById("entry-form-key").value = newKey();
  showWaiting();
  document.getElementById("entry-text").focus();
  return true;
}

async function send(line, url) {
  const body = new URLSearchParams({ ...line.fields, csrf_token: token() });
  const headers = { "X-CSRFToken": token(), "HX-Request": "true", "X-Waited": String(Math.round((Date.now() - line.at) / 1000)) };
  const answer = await fetch(url, { method: "POST", body, headers, redirect: "error" });
  if (answer.status >= 500 || answer.status === 429) throw new TypeError("not now");
  return answer.ok;
}

// A line that the server does not take goes back into the field, or waits until that is free.
function giveBack(line) {
  const input = document.getElementById("entry-text");
  if (!input || input.value) return false;
  input.value = line.fields.text;
  say("A line that waited was not taken. It stands in the field again: correct it, then send it.", "bad");
  return true;
}

export async function sendWaiting() {
  const form = document.getElementById("entry-form");
  if (isSending || !form || !waiting().length) return;
  isSending = true;
  try {
    for (let line = waiting()[0]; line; line = waiting()[0]) {
      if (!(await send(line, form.action)) && !giveBack(line)) break;
      keep(waiting().filter((kept) => kept.fields.form_key !== line.fields.form_key)); // another tab may have sent it too
      showWaiting();
    }
  } catch { /* still no connection: the next answer tries again */ }
  isSending = false;
}
