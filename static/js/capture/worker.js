// Keeps the screen of one audit on the phone: fresh from the server where there is signal, else as it was last.
"use strict";

const KEPT = "isotrack-capture";
const PATIENCE = 5_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url, cache } = event.request;
  const ours = method === "GET" && new URL(url).origin === self.location.origin;
  if (ours && cache !== "no-store") event.respondWith(answer(event.request));
});

async function answer(request) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await Promise.race([fetch(request), impatience()]);
    if (fresh.status >= 500) throw new Error("the server fails");
    if (fresh.ok && !fresh.redirected) await kept.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    const last = await kept.match(request, { ignoreVary: true });
    if (!last) throw error;
    return last;
  }
}

function impatience() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in time")), PATIENCE));
}
