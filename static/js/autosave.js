// Saves a text area as it is typed, and never loses a word: until the server has confirmed, a copy stays in this browser.
import { token } from "./htmx-glue.js";

const WAIT_MS = 800;
const RETRY_MS = 10000;

const copyKey = (area) => `followthrough.words:${new URL(area.dataset.autosaveUrl, location.href).pathname}:${area.name}`;

function keepCopy(area) {
  try { localStorage.setItem(copyKey(area), JSON.stringify({ text: area.value, at: Date.now() })); } catch { /* full or off */ }
}

function findCopy(area) {
  try { return JSON.parse(localStorage.getItem(copyKey(area))); } catch { return null; }
}

function dropCopy(area) {
  try { localStorage.removeItem(copyKey(area)); } catch { /* storage is off */ }
}

function clockTime(ms) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(ms);
}

/** One text area and what is known about its words on the server. */
class Draft {
  constructor(area) {
    this.area = area;
    this.confirmed = area.value;
    this.version = area.dataset.version || "0";
    this.place = document.getElementById(area.dataset.autosaveState) || this.makePlace();
    this.timer = 0;
    this.saving = false;
    this.stopped = false;
    area.addEventListener("input", () => this.changed());
    area.form?.addEventListener("submit", () => this.submitted());
    window.addEventListener("online", () => this.save());
    window.addEventListener("pageshow", () => { this.leaving = false; });
    this.restore();
  }

  makePlace() {
    const place = Object.assign(document.createElement("p"), { className: "saved-state" });
    place.setAttribute("role", "status");
    this.area.after(place);
    return place;
  }

  tell(text, isBad = false) {
    this.place.textContent = text;
    this.place.classList.toggle("bad", isBad);
  }

  get isDirty() { return this.area.value !== this.confirmed; }

  changed() {
    keepCopy(this.area);
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  submitted() {
    clearTimeout(this.timer);
    this.leaving = true;
    const field = this.area.form.elements.namedItem("version");
    if (field && "value" in field && Number(this.version) > 0) field.value = this.version;
  }

  restore() {
    const copy = findCopy(this.area);
    if (!copy || copy.text === this.area.value) return dropCopy(this.area);
    const old = this.area.value;
    this.area.value = copy.text;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    return this.offerUndo(`Your words from ${clockTime(copy.at)} were not saved before. They are back.`, old);
  }

  offerUndo(words, old) {
    const note = document.createElement("div");
    note.className = "message info";
    note.setAttribute("role", "status");
    const undo = Object.assign(document.createElement("button"), { type: "button", className: "secondary small", textContent: "Use the saved text instead" });
    undo.addEventListener("click", () => { this.area.value = old; this.area.dispatchEvent(new Event("input", { bubbles: true })); note.remove(); this.area.focus(); });
    note.append(Object.assign(document.createElement("p"), { textContent: words }), undo);
    this.area.before(note);
  }

  async save() {
    if (this.saving || this.stopped || this.leaving || !this.isDirty) return;
    this.saving = true;
    const text = this.area.value;
    this.tell("Saving...");
    try {
      await this.answer(await this.post(text), text);
    } catch {
      this.tell("Not saved: you are offline. Your words are kept in this browser.", true);
      this.timer = setTimeout(() => this.save(), RETRY_MS);
    }
    this.saving = false;
    if (this.isDirty && this.confirmed === text) this.changed();
  }

  post(text) {
    const body = new URLSearchParams({ [this.area.name]: text, version: this.version, csrf_token: token() });
    const headers = { "X-CSRFToken": token(), "X-Requested-With": "autosave" };
    return fetch(this.area.dataset.autosaveUrl, { method: "POST", body, headers, redirect: "manual", credentials: "same-origin" });
  }

  async answer(response, text) {
    if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) return this.sessionEnded();
    if (response.status === 409) return this.clash(await response.text());
    if (response.status === 400 || response.status === 422) return this.refused(await response.text());
    if (!response.ok) return this.failed();
    this.version = await newVersion(response) || this.version;
    this.confirmed = text;
    if (this.area.value === text) dropCopy(this.area);
    return this.tell(`Saved ${clockTime(Date.now())}`);
  }

  sessionEnded() {
    this.stopped = true;
    this.tell("Not saved: your session has ended. Your words are kept in this browser; sign in again and come back to this page.", true);
  }

  refused(words) {
    const isShort = words && words.length < 300 && !words.includes("<");
    this.tell(isShort ? `Not saved: ${words}` : "Not saved: the server did not accept this. Your words are kept in this browser; reload the page to try again.", true);
  }

  failed() {
    this.tell("Not saved: the server has a problem. Your words are kept in this browser; we try again.", true);
    this.timer = setTimeout(() => this.save(), RETRY_MS);
  }

  // Somebody else saved first: stop saving, keep the copy, and show the server's page part with both texts.
  clash(fragment) {
    this.stopped = true;
    this.tell("Not saved: this was changed by somebody else. Your words are kept in this browser.", true);
    const place = document.createElement("div");
    place.className = "clash";
    place.setAttribute("role", "alert");
    place.innerHTML = fragment;
    (this.area.closest("[data-editor]") || this.area.closest(".field") || this.area).after(place);
    window.htmx?.process(place);
  }
}

async function newVersion(response) {
  const header = response.headers.get("X-Version");
  if (header) return header;
  if (!(response.headers.get("Content-Type") || "").includes("json")) return null;
  const { version } = await response.json();
  return version === undefined ? null : String(version);
}

const drafts = new WeakMap();

export function startAutosave(root) {
  const areas = [...root.querySelectorAll("textarea[data-autosave-url]")];
  if (root.matches?.("textarea[data-autosave-url]")) areas.push(root);
  for (const area of areas) if (!drafts.has(area)) drafts.set(area, new Draft(area));
}
