// Sends what waits, one item after another, oldest first. Each has an id of its own, so that one that arrived although
// its answer was lost is not doubled when it comes again.

import { all, put, remove } from "./store.js";

const PATIENCE = 60_000;

export class Sender {
  constructor({ audit, person, data, send }, changed) {
    Object.assign(this, { audit, person, data, send, changed, trouble: "", running: false, again: false });
  }

  async waiting() {
    const items = (await all("items")).filter((item) => item.audit === this.audit && item.person === this.person);
    return items.sort((one, other) => (one.made_at < other.made_at ? -1 : 1));
  }

  // What is asked for while it runs is done in one more turn.
  async run() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    do {
      this.again = false;
      if (navigator.locks) await navigator.locks.request(`isotrack-capture-${this.audit}`, () => this.turn());
      else await this.turn();
    } while (this.again);
    this.running = false;
    await this.changed();
  }

  async turn() {
    this.trouble = "";
    for (const item of await this.waiting()) {
      if (item.refused) continue;
      const outcome = await this.attempt(item);
      if (outcome === "sent") await remove("items", item.uid);
      else if (outcome === "stop") return;
      else if (outcome) await put("items", { ...item, refused: outcome });
      await this.changed();
    }
  }

  // "sent", "stop" (no signal, or nobody is signed in), "" (the server failed: later again), or why it was refused.
  async attempt(item) {
    try {
      const token = await this.token();
      if (!token) return "stop";
      const answer = await fetch(this.send, {
        method: "POST",
        body: form(item),
        headers: { "X-CSRFToken": token, Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.ok) return "sent";
      if (answer.status === 401) return this.signedOut();
      if (answer.status >= 500) return "";
      return (await answer.json().catch(() => ({}))).reason || "";
    } catch {
      return "stop";
    }
  }

  async token() {
    const answer = await fetch(this.data, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401) return this.signedOut() && "";
    if (!answer.ok) return "";
    const found = await answer.json();
    return found.person === this.person ? found.token : "";
  }

  signedOut() {
    this.trouble = "signed out";
    return "stop";
  }
}

function form(item) {
  const body = new FormData();
  for (const [name, value] of Object.entries(item.fields)) body.append(name, value);
  body.append("uid", item.uid);
  body.append("made_at", item.made_at);
  item.photos.forEach((photo, place) => body.append("photo", photo, `photo-${place + 1}.jpg`));
  return body;
}
