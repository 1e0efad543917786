// The screen of one audit: shows one question at a time, keeps what is recorded on the phone, and lets it be sent.

import { scaled, thumbnail } from "./photo.js";
import { Sender } from "./sending.js";
import { all, get, keep, put, remove } from "./store.js";

const EVERY = 10_000;
const root = document.getElementById("capture");
const by = (id) => document.getElementById(id);
const say = (name, values = {}) => root.dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const urls = { data: root.dataset.data, send: root.dataset.send };
const me = { audit: Number(root.dataset.audit), person: Number(root.dataset.person) };
const sender = new Sender({ ...me, ...urls }, show);

let screen = { questions: [], open: false, state: "" };
let place = 0;
let sheet = null; // the finding being written: { question, uid, photos }

// --- Questions ------------------------------------------------------------------------------------------------------

async function load() {
  const last = await get("questions", me.audit);
  if (last) screen = last.screen;
  try {
    const answer = await fetch(urls.data, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      screen = await answer.json();
      delete screen.token;
      await put("questions", { audit: me.audit, screen });
    } else if (answer.status === 401) sender.trouble = "signed out";
  } catch {
    if (!last) return tell(say("offline"));
  }
  const unanswered = screen.questions.findIndex((question) => !question.answer);
  place = Math.max(0, unanswered);
  const draft = (await all("drafts")).find((row) => row.audit === me.audit && row.person === me.person);
  if (draft) await reopen(draft);
  await show();
}

const asked = () => (sheet && sheet.question === null ? null : screen.questions[place]) || null;

// What this phone has recorded and the server has not confirmed yet speaks for a question.
async function withWaiting() {
  const waiting = await sender.waiting();
  const latest = new Map(waiting.filter((item) => item.fields.question).map((item) => [Number(item.fields.question), item]));
  return screen.questions.map((question) => {
    const item = latest.get(question.id);
    return item ? { ...question, answer: item.fields.grade ? "finding" : item.fields.answer, evidence: item.fields.evidence || "" } : question;
  });
}

async function show() {
  const questions = await withWaiting();
  const question = sheet && sheet.question === null ? null : questions[place];
  const fine = questions.filter((row) => row.answer === "conforms").length;
  const seen = fine + questions.filter((row) => row.answer === "finding").length;
  by("seen-words").textContent = say("seen", { seen, all: questions.length });
  by("fine-words").textContent = say("fine", { fine, seen });
  Object.assign(by("seen-bar"), { max: questions.length || 1, value: seen });
  Object.assign(by("fine-bar"), { max: seen || 1, value: fine });
  by("clause").textContent = question ? question.clause : "";
  by("group").textContent = question ? question.group : "";
  if (questions.length || sheet) by("question").textContent = question ? question.question : say("free");
  by("before").textContent = question && question.evidence ? question.evidence : "";
  by("recording").hidden = !question || !screen.open || Boolean(sheet);
  by("free").hidden = !screen.open || Boolean(sheet);
  for (const button of root.querySelectorAll("[data-give]")) {
    button.setAttribute("aria-pressed", String(Boolean(question) && question.answer === button.dataset.give));
  }
  list(questions);
  await unsent();
}

function list(questions) {
  const marks = { conforms: "✓ ", finding: "⚑ ", not_seen: "– " };
  by("jump").replaceChildren(
    ...questions.map((row, at) => new Option(`${marks[row.answer] || ""}${row.clause} ${row.question}`.slice(0, 90), at, false, at === place)),
  );
  by("previous").disabled = place === 0;
  by("next").disabled = place >= questions.length - 1;
}

async function go(to) {
  place = Math.min(Math.max(0, to), Math.max(0, screen.questions.length - 1));
  by("note").value = "";
  await show();
  by("question").focus();
}

// --- Recording ------------------------------------------------------------------------------------------------------

async function give(answer) {
  if (answer === "finding") return write({ question: asked().id, uid: crypto.randomUUID(), photos: [] });
  await record({ question: asked().id, answer, evidence: by("note").value }, []);
  await go(place + 1);
}

async function record(fields, photos, uid = crypto.randomUUID()) {
  await put("items", { ...me, uid, fields, photos, made_at: new Date().toISOString(), refused: "" });
  keep();
  await show();
  by("said").textContent = say("kept", { time: new Date().toLocaleTimeString([], { timeStyle: "short" }) });
  sender.run();
}

async function write(finding, values = {}) {
  sheet = finding;
  const form = by("finding");
  form.reset();
  for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
  by("clause-field").hidden = Boolean(asked() && asked().clause);
  by("kept").textContent = "";
  problems([]);
  by("sheet").hidden = false;
  await pictures();
  await show();
  by("sheet").scrollIntoView({ block: "nearest" });
  form.querySelector("[name=grade]").focus({ preventScroll: true });
}

async function reopen(draft) {
  place = Math.max(0, screen.questions.findIndex((row) => row.id === draft.question));
  await write({ question: draft.question, uid: draft.uid, photos: draft.photos }, draft.values);
}

const values = () => Object.fromEntries(new FormData(by("finding")));

// Every letter is kept at once, so that a browser that is closed loses nothing.
async function draft() {
  if (!sheet) return;
  await put("drafts", { key: sheet.uid, ...me, ...sheet, values: values() });
  by("kept").textContent = say("kept", { time: new Date().toLocaleTimeString([], { timeStyle: "short" }) });
}

async function pictures() {
  by("thumbs").replaceChildren(...(await Promise.all(sheet.photos.map(thumbnail))));
}

async function photograph(files) {
  for (const file of files) {
    try {
      sheet.photos.push(await scaled(file));
    } catch {
      tell(say("badPhoto"));
    }
  }
  by("photo").value = "";
  await pictures();
  await draft();
}

function problems(names) {
  for (const name of ["grade", "clause", "evidence"]) by(`${name}-problem`).hidden = !names.includes(name);
}

async function save() {
  const given = values();
  const wrong = [];
  if (!given.grade) wrong.push("grade");
  if (!by("clause-field").hidden && ["major", "minor"].includes(given.grade) && !given.clause.trim()) wrong.push("clause");
  if (!given.evidence.trim()) wrong.push("evidence");
  problems(wrong);
  if (wrong.length) return by("finding").elements[wrong[0]][0]?.focus?.() ?? by("finding").elements[wrong[0]].focus();
  const { question, uid, photos } = sheet;
  await record(question === null ? given : { ...given, question }, photos, uid);
  await close();
  await go(question === null ? place : place + 1);
}

async function close() {
  await remove("drafts", sheet.uid);
  sheet = null;
  by("sheet").hidden = true;
  await show();
}

// --- What is not sent -----------------------------------------------------------------------------------------------

async function unsent() {
  const waiting = await sender.waiting();
  const chip = by("chip");
  const refused = waiting.some((item) => item.refused);
  chip.hidden = false;
  chip.className = `tag press ${refused ? "st-overdue" : waiting.length ? "st-due" : "st-active"}`;
  by("chip-words").textContent = waiting.length ? say("unsent", { n: waiting.length }) : say("sent");
  by("unsent-list").replaceChildren(...waiting.map(line));
  if (!waiting.length) by("unsent").hidden = true;
  if (refused) by("unsent").hidden = false;
  chip.setAttribute("aria-expanded", String(!by("unsent").hidden));
  const closed = screen.questions.length && !screen.open ? say("closed", { state: screen.state }) : "";
  tell(sender.trouble ? say("signIn") : closed, Boolean(sender.trouble));
}

function line(item) {
  const row = by("unsent-line").content.cloneNode(true);
  const question = screen.questions.find((one) => one.id === Number(item.fields.question));
  const kind = item.fields.grade ? say("finding") : say("answer");
  row.querySelector(".name").textContent = `${kind}: ${item.fields.evidence || (question ? `${question.clause} ${question.question}` : "")}`.slice(0, 140);
  row.querySelector(".why").textContent = item.refused || say("waiting");
  row.querySelector("[data-act=mend]").hidden = !item.fields.grade;
  row.querySelector("[data-act=mend]").addEventListener("click", () => mend(item));
  row.querySelector("[data-act=remove]").addEventListener("click", () => drop(item));
  return row;
}

// While it is mended it stays in the list and is not sent; saving puts the new text in its place.
async function mend(item) {
  await put("items", { ...item, refused: item.refused || say("mending") });
  const question = Number(item.fields.question) || null;
  if (question) place = Math.max(0, screen.questions.findIndex((row) => row.id === question));
  await write({ question, uid: item.uid, photos: item.photos }, item.fields);
}

async function drop(item) {
  if (!window.confirm(say("remove"))) return;
  await remove("items", item.uid);
  await show();
}

function tell(words, toSignIn = false) {
  by("trouble").hidden = !words;
  by("trouble-words").textContent = words;
  by("sign-in").hidden = !toSignIn;
}

// --- The page itself --------------------------------------------------------------------------------------------------

// The first visit is kept whole; later ones pass through the worker.
async function stay() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register(root.dataset.worker).catch(() => null); // without signal the last one serves
  await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map((entry) => entry.name);
  const icons = [...document.querySelectorAll("use")].map((use) => new URL(use.getAttribute("href"), location).href.split("#")[0]);
  const mine = [location.pathname, urls.data, ...parts, ...icons].filter((url) => new URL(url, location).origin === location.origin);
  const kept = await caches.open("isotrack-capture");
  await Promise.allSettled([...new Set(mine)].filter((url) => !url.includes("/send/")).map((url) => kept.add(url)));
  root.dataset.ready = "yes";
}

function keys(event) {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  const act = { c: () => give("conforms"), f: () => give("finding"), n: () => give("not_seen"), j: () => go(place + 1), k: () => go(place - 1) }[event.key];
  if (!act || by("recording").hidden) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

for (const button of root.querySelectorAll("[data-give]")) button.addEventListener("click", () => give(button.dataset.give));
by("finding").addEventListener("submit", (event) => (event.preventDefault(), save()));
by("finding").addEventListener("input", draft);
by("cancel").addEventListener("click", close);
by("photo").addEventListener("change", (event) => photograph([...event.target.files]));
by("free").addEventListener("click", () => write({ question: null, uid: crypto.randomUUID(), photos: [] }));
by("previous").addEventListener("click", () => go(place - 1));
by("next").addEventListener("click", () => go(place + 1));
by("jump").addEventListener("change", (event) => go(Number(event.target.value)));
by("send-now").addEventListener("click", () => again());
by("chip").addEventListener("click", () => ((by("unsent").hidden = !by("unsent").hidden), unsent()));
document.addEventListener("keydown", keys, true);
window.addEventListener("online", () => sender.run());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sender.run());
setInterval(() => sender.run(), EVERY);

// A browser that can put the screen on the home screen itself offers it by a button.
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  by("install-now").hidden = false;
  by("install-now").onclick = () => event.prompt();
});

// What was refused is tried once more when somebody asks for it.
async function again() {
  for (const item of await sender.waiting()) await put("items", { ...item, refused: "" });
  await sender.run();
}

try {
  await load();
  await sender.run();
  await stay();
} catch (error) {
  tell(say("noStore"));
  throw error;
}
