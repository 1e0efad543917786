// Keyboard: places, lists and grids. Shortcuts only: every page works without this file.
// Single letters are off while typing, and everywhere when the person has switched them off in the profile.
"use strict";

const PLACES = { p: "/", w: "/queue/", k: "/calendar/", c: "/certificates/", n: "/ncs/", a: "/audits/" };
const ROWS = "table.data tbody tr, ul.tasks > li.task";
const QUESTION = "li.question";
let waiting = -Infinity; // when “g” was pressed

function isTyping(event) {
  return event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");
}

function current() {
  return document.querySelector("[data-here]");
}

function visible(row) {
  return row.getClientRects().length > 0;
}

function move(step) {
  const rows = [...document.querySelectorAll(ROWS)].filter(visible);
  if (!rows.length) return;
  const here = rows.indexOf(current());
  const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  current()?.removeAttribute("data-here");
  next.setAttribute("data-here", "");
  next.scrollIntoView({ block: "nearest" });
  focusOn(next);
}

function focusOn(row) {
  if (row.matches(QUESTION)) row.tabIndex = -1;
  (row.matches(QUESTION) ? row : row.querySelector("a[href]"))?.focus({ preventScroll: true });
}

// On the checklist of an audit letters answer the question one stands on, never another.
function answer(key) {
  current()?.querySelector(`[data-key=${key}]`)?.click();
}

function press(selector) {
  const found = (current() || document).querySelector(selector) || document.querySelector(selector);
  if (!found) return false;
  if (found.tagName === "SUMMARY") found.parentElement.open = !found.parentElement.open;
  else found.click();
  return true;
}

const LETTERS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector("input[type=checkbox]")?.click(),
  d: () => press("[data-key=d]"),
  h: () => press("[data-key=h]"),
  c: () => answer("c"),
  f: () => answer("f"),
  n: () => answer("n"),
  e: () => press("[data-key=e]"),
  t: () => press("[data-key=t]"),
  1: () => press("[data-key='1']"),
  2: () => press("[data-key='2']"),
  "[": () => press("[rel=prev]"),
  "]": () => press("[rel=next]"),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || isTyping(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "g") {
    waiting = event.timeStamp;
    return;
  }
  if (event.timeStamp - waiting < 1500 && PLACES[event.key]) {
    event.preventDefault();
    location.assign(PLACES[event.key]);
    return;
  }
  waiting = -Infinity;
  if (event.key === "Enter" && event.target === document.body && current()) press("[data-here] a[href]");
  else if (LETTERS[event.key]) {
    event.preventDefault();
    LETTERS[event.key]();
  }
});

// Checking a list: Alt with an arrow goes to the next or previous field that waits for a repair or an answer.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.altKey || event.ctrlKey || event.metaKey || document.body.dataset.keys === "off") return;
  const cells = [...document.querySelectorAll("[data-repair]")].filter(visible);
  if (!cells.length) return;
  event.preventDefault();
  const here = cells.indexOf(document.activeElement);
  cells[(here === -1 && step < 0 ? cells.length : here + step + cells.length) % cells.length].focus();
});

// After an answer the page opens at its question again: the next letter goes on from there.
window.addEventListener("load", () => {
  const answered = document.getElementById(location.hash.slice(1));
  if (!answered?.matches(QUESTION)) return;
  answered.setAttribute("data-here", "");
  focusOn(answered);
});

// What was seen is typed in the row; Escape leads back to its letters.
document.addEventListener("keydown", (event) => {
  const row = event.key === "Escape" && event.target.closest("input") && event.target.closest(QUESTION);
  if (row) focusOn(row);
});

// A month or another grid: arrows between cells, Home and End in the row, PageUp and PageDown to its neighbors.
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-grid] [role=gridcell]");
  if (!cell) return;
  const grid = cell.closest("[data-grid]");
  if (event.target !== cell) {
    if (event.key === "Escape") cell.focus();
    return;
  }
  const cells = [...grid.querySelectorAll("[role=gridcell]")];
  const width = cell.parentElement.children.length;
  const at = cells.indexOf(cell);
  const row = at - (at % width);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - width, ArrowDown: at + width, Home: row, End: row + width - 1 };
  if (event.key in to) goTo(cells, at, to[event.key]);
  else if (event.key === "PageUp") location.assign(grid.dataset.before);
  else if (event.key === "PageDown") location.assign(grid.dataset.after);
  else if (event.key === "Enter" || event.key === "F2") cell.querySelector("a[href]")?.focus();
  else return;
  event.preventDefault();
});

function goTo(cells, from, to) {
  if (!cells[to]) return;
  cells[from].tabIndex = -1;
  cells[to].tabIndex = 0;
  cells[to].focus();
}

// A button that copies the text of a field.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  navigator.clipboard?.writeText(field.value).then(() => button.setAttribute("data-done", ""));
});
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
