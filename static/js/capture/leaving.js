// Signing out asks first while this device keeps something that was captured and not sent.

const form = document.querySelector("form[data-unsent]");

// A finding that is being mended is kept twice, as an item and as a draft: it counts once.
async function unsent(person) {
  try {
    const { all } = await import("./store.js");
    const rows = [...(await all("items")), ...(await all("drafts"))];
    return new Set(rows.filter((row) => row.person === person).map((row) => row.uid)).size;
  } catch {
    return 0; // a browser that keeps nothing has nothing to lose
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const n = await unsent(Number(form.dataset.person));
  if (!n || window.confirm(form.dataset.unsent.replace("{n}", n))) form.submit();
});
