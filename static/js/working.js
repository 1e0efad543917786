// Says that work goes on, that it takes long, and that it failed. Pages work without this file.
"use strict";

const LONG = 8000; // milliseconds
const labels = new Map(); // what a pressed button said before
let failed = null; // the last part of a page that could not be fetched, as it was asked for
let unsent = null; // the form that could not be sent, and its button
let asking = false; // whether somebody is at the other end
let late = 0;

// What was typed is sent once somebody answers at the other end: a page that the browser puts in the place of a form
// which went nowhere would take the words with it. Scripts that take over a submission come after that.
document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (event.defaultPrevented || form.method !== "post" || (button && button.hasAttribute("data-file"))) return;
  if (asking === form) {
    asking = false;
    work(event);
  } else if (asking) {
    hold(event);
  } else if (!navigator.onLine) {
    hold(event);
    keep(form, button);
  } else if (typed(form)) {
    hold(event);
    ask(form, button);
  } else {
    work(event);
  }
});

// The page may come back as it was left.
window.addEventListener("pageshow", rest);

// Where a script sends a form itself, it says when nothing arrived.
document.addEventListener("unsent", (event) => keep(event.target, event.detail));
window.addEventListener("online", () => show("unreached", false));
document.querySelector("#unreached button").addEventListener("click", () => {
  show("unreached", false);
  unsent.form.requestSubmit(unsent.button);
});

// A part of the page stays readable while it is asked for again.
document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target.setAttribute("aria-busy", "true");
  show("failed", false);
  begin();
});
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target.removeAttribute("aria-busy");
  end();
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    failed = event.detail.requestConfig;
    show("failed", true);
  });
}
document.querySelector("#failed button").addEventListener("click", () => {
  show("failed", false);
  htmx.ajax(failed.verb, failed.path, { source: failed.elt, target: failed.target });
});

function typed(form) {
  const kinds = "textarea, input:not([type=hidden], [type=checkbox], [type=radio])";
  return [...form.elements].some((field) => field.matches(kinds) && field.value);
}

function hold(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

async function ask(form, button) {
  asking = form;
  press(button);
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  rest();
  if (answer && answer.ok) {
    form.requestSubmit(button);
    asking = false; // a form that did not pass the browser's own checks is asked for anew
  } else {
    asking = false;
    keep(form, button);
  }
}

function keep(form, button) {
  unsent = { form, button };
  show("unreached", true);
}

// Another script may still take over the submission: all of them have been asked once the timer runs.
function work(event) {
  setTimeout(() => event.defaultPrevented || press(event.submitter), 0);
}

// A pressed button keeps its width, says what goes on and takes no second press; one that is an icon stays one.
function press(button) {
  begin();
  if (!button) return;
  labels.set(button, [...button.childNodes]);
  button.style.minWidth = `${button.offsetWidth}px`;
  const words = button.dataset.working || document.body.dataset.working;
  if (!button.hasAttribute("aria-label")) button.replaceChildren(words);
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
}

function rest() {
  end();
  for (const [button, label] of labels) {
    button.replaceChildren(...label);
    button.style.minWidth = "";
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
  labels.clear();
}

function begin() {
  document.body.classList.add("working");
  clearTimeout(late);
  late = setTimeout(() => show("still", true), LONG);
}

function end() {
  document.body.classList.remove("working");
  show("still", false);
  clearTimeout(late);
}

function show(id, shown) {
  document.getElementById(id).hidden = !shown;
}
