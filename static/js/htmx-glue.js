// What htmx needs from us: the token on every change, words when a request fails, focus after a failed form.
import { say } from "./page.js";

export const token = () => document.querySelector('meta[name="csrf-token"]').content;

const WORDS = {
  401: "Your session has ended. Sign in again in another tab, then repeat this.",
  403: "Your account may not change this.",
  404: "This is no longer here. Reload the page to see what changed.",
  413: "This is too large to send. Shorten it and try again.",
  429: "Too many requests at once. Wait a few seconds and try again.",
};

// What only adds to a page (a card that fills, a part that looks for news) fails without a word: the page still works.
const isQuiet = (event) => event.detail.elt.matches?.("[data-quiet]");

function addToken(event) {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
}

function tellFailure(event) {
  if (isQuiet(event)) return;
  const status = event.detail.xhr.status;
  say(WORDS[status] || "The server could not finish this. Reload the page to see where things stand, then try again.", "bad");
}

// A redirect to the sign-in page arrives as a whole page: go there instead of swapping it into a corner.
function leaveForSignIn(event) {
  const { xhr } = event.detail;
  const isWholePage = /^\s*<!doctype/i.test(xhr.responseText);
  const landed = xhr.responseURL && new URL(xhr.responseURL);
  if (!isWholePage || !landed || !event.detail.shouldSwap || event.detail.target === document.body) return;
  event.detail.shouldSwap = false;
  window.location.assign(landed.href);
}

// An answer that comes late takes nobody out of the field they went on to write in.
function focusWhatAsks(element) {
  const active = document.activeElement;
  if (active?.matches("input, textarea, select") && !element.contains(active)) return;
  const wanted = element.matches?.("[data-focus]") ? element : element.querySelector?.("[data-focus]");
  wanted?.focus();
}

export function startHtmx() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", addToken);
  body.addEventListener("htmx:responseError", tellFailure);
  body.addEventListener("htmx:sendError", (event) => isQuiet(event) || say("No connection to the server. Try again when you are online.", "bad"));
  body.addEventListener("htmx:timeout", (event) => isQuiet(event) || say("The server took too long. Reload to see whether it worked.", "bad"));
  body.addEventListener("htmx:beforeSwap", leaveForSignIn);
  body.addEventListener("htmx:load", (event) => focusWhatAsks(event.detail.elt));
}
