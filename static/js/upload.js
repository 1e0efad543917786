// Shows how much of a file has been sent. Without this script the form is sent as any other.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  const box = form && form.querySelector("[data-progress]");
  const files = form ? [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]) : [];
  if (!box || !files.length) return;
  event.preventDefault();
  const button = event.submitter;
  if (button) button.disabled = true;
  box.hidden = false;
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) box.querySelector("progress").value = (100 * sent.loaded) / sent.total;
  });
  request.addEventListener("load", () => arrive(request));
  request.addEventListener("error", () => {
    box.hidden = true;
    if (button) button.disabled = false;
    form.dispatchEvent(new CustomEvent("unsent", { bubbles: true, detail: button }));
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
});

// A page that was reached by the answer's redirect is opened; a refused form takes the place of this page.
function arrive(request) {
  if (request.status < 400) {
    const here = location.href.split("#")[0] === request.responseURL.split("#")[0];
    if (here) location.reload();
    else location.assign(request.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = answer.getElementById("main");
  if (!main) return location.reload();
  document.title = answer.title;
  history.pushState(null, "", request.responseURL);
  document.getElementById("main").replaceWith(document.adoptNode(main));
  const problem = document.querySelector(".problem");
  if (problem) problem.focus();
}
