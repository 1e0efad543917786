// Passkeys, where the browser knows them; a failure is told beside the button.
"use strict";

for (const button of document.querySelectorAll("[data-passkey]")) {
  const ids = { data: "js_data", credential: button.dataset.credential, passwordless: button.dataset.passwordless };
  window.allauth.webauthn.forms[button.dataset.passkey]({
    ids: { ...ids, login: button.id, add: button.id, authenticate: button.id },
  });
}
for (const part of document.querySelectorAll(window.PublicKeyCredential ? "[data-passkeys]" : "[data-no-passkeys]")) {
  part.hidden = false;
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const part of document.querySelectorAll("[data-passkey-error]")) part.hidden = false;
});
