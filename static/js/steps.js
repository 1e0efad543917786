// Steps of a nonconformity: drafts keep themselves, and keys save a hand's way. The page works without this file.
"use strict";

(() => {
  const form = document.querySelector("[data-step-form]");
  const DRAFT_EVERY = 20_000;
  let sent = form ? typed() : "";
  let sending = false;

  function typed() {
    const data = new FormData(form);
    data.delete("csrfmiddlewaretoken");
    return new URLSearchParams(data).toString();
  }

  function say(words) {
    const place = form.querySelector("[data-saved]");
    if (place) place.textContent = words;
  }

  async function saveDraft() {
    const now = typed();
    if (now === sent || sending || !form.querySelector("button[value=draft]")) return;
    sending = true;
    const data = new FormData(form);
    data.set("do", "draft");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "fetch", Accept: "application/json" },
      });
      const told = await answer.json();
      if (answer.ok) sent = now;
      say(told.saved || told.problem || "");
    } catch {
      // The page said nothing was lost: what was typed is still in the form, and the next try sends it.
    } finally {
      sending = false;
    }
  }

  function neighbor(step) {
    const links = [...document.querySelectorAll("nav .steps a")];
    const here = links.findIndex((link) => link.hasAttribute("aria-current"));
    return links[here + step];
  }

  if (form) {
    // A button that is pressed sends the form itself; a draft sent beside it could arrive last and undo it.
    form.addEventListener("focusout", (event) => event.relatedTarget?.closest("button") || saveDraft());
    setInterval(saveDraft, DRAFT_EVERY);
  }

  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (form && command && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary"));
    } else if (form && command && event.key === "s") {
      event.preventDefault();
      saveDraft();
    } else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const link = neighbor(event.key === "ArrowLeft" ? -1 : 1);
      if (!link) return;
      event.preventDefault();
      link.click();
    }
  });
})();
