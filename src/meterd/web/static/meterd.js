// What a page gains by a script: exact numbers at the pointer and by the arrow keys, and
// values that change while one looks. Every page is whole without it.

const RESHOWN_MS = 1000; // a page changes so often at most: people read it
const CHECKED_MS = 5000;
const SILENT_MS = 40000; // two heartbeats and a half
const STALE_MS = 15 * 60000;

const FOLLOWED_MS = 15000; // so often at most is a page that follows the stream had anew

const main = document.querySelector("main");
const given = [...main.children].map((part) => part.outerHTML); // as the server wrote it

// -- tooltips ---------------------------------------------------------------------------

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
tip.setAttribute("role", "status");
document.body.append(tip);

function show(bar, x, y) {
  document.querySelectorAll(".bar.at").forEach((one) => one.classList.remove("at"));
  if (!bar) {
    tip.hidden = true;
    return;
  }
  bar.classList.add("at");
  tip.textContent = bar.dataset.told;
  tip.hidden = false;
  const left = Math.min(x + 14, innerWidth - tip.offsetWidth - 8);
  const top = y - tip.offsetHeight - 12 < 4 ? y + 18 : y - tip.offsetHeight - 12;
  tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
}

function equip(plot) {
  const bars = [...plot.querySelectorAll(".bar")];
  for (const bar of bars) {
    const title = bar.querySelector("title"); // told once: ours replaces the browser's
    bar.dataset.told = title.textContent;
    title.remove();
    bar.querySelector("a")?.setAttribute("aria-label", bar.dataset.told);
    bar.querySelector("a")?.setAttribute("tabindex", "-1");
  }
  let place = -1;
  plot.addEventListener("pointermove", (event) => show(event.target.closest(".bar"), event.clientX, event.clientY));
  plot.addEventListener("pointerleave", () => show(null));
  plot.addEventListener("blur", () => show(null));
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) {
      place = Math.max(0, Math.min(bars.length - 1, place + step));
      const box = bars[place].getBoundingClientRect();
      show(bars[place], box.left + box.width / 2, box.top + 30);
      event.preventDefault();
    } else if (event.key === "Enter" && bars[place]?.querySelector("a")) {
      location.href = bars[place].querySelector("a").href.baseVal;
    } else if (event.key === "Escape") {
      show(null);
    }
  });
}
// -- zoom: draw across a chart, and what was drawn over fills it ---------------------------

const DRAWN_PX = 8; // less is a click

function zoomable(plot) {
  const [start, end, left, right] = plot.dataset.ends.split(" ").map(Number);
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  box.setAttribute("class", "chosen");
  let from = null;
  let drawn = false;
  const x = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse()).x;
    return Math.max(left, Math.min(right, at));
  };
  const show = (to) => {
    box.setAttribute("x", Math.min(from, to));
    box.setAttribute("width", Math.abs(to - from));
  };
  plot.addEventListener("dragstart", (event) => event.preventDefault());
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return; // a finger pans
    [from, drawn] = [x(event), false];
    box.setAttribute("y", 0);
    box.setAttribute("height", plot.viewBox.baseVal.height);
  });
  plot.addEventListener("pointermove", (event) => {
    if (from === null || (!drawn && Math.abs(x(event) - from) < DRAWN_PX)) return;
    drawn = true;
    plot.append(box);
    show(x(event));
  });
  plot.addEventListener("click", (event) => drawn && event.preventDefault(), true);
  addEventListener("pointerup", (event) => {
    if (from !== null && drawn) {
      const ends = [from, x(event)].sort((a, b) => a - b).map((at) => start + ((at - left) / (right - left)) * (end - start));
      const asked = new URLSearchParams(location.search);
      ["range", "at"].forEach((name) => asked.delete(name));
      ["from", "to"].forEach((name, n) => asked.set(name, new Date(Math.round(ends[n] / 60000) * 60000).toISOString().slice(0, 16) + "Z"));
      location.search = asked;
    }
    from = null;
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") [from, drawn] = [null, box.remove()];
  });
}
function furnish(part) {
  part.querySelectorAll(".plot").forEach(equip);
  part.querySelectorAll(".plot[data-ends]").forEach(zoomable);
  for (const pan of part.querySelectorAll(".pan")) {
    const last = [...pan.querySelectorAll(".bar .amount, .area")].pop(); // the newest is what one came for
    if (last) pan.scrollLeft = last.getBoundingClientRect().right - pan.getBoundingClientRect().right + 60;
  }
}
furnish(main);

// -- pages that follow: parts of them that have changed are put in their place -------------

let had = Date.now();
let due = null;

function replace(place, part) {
  const old = main.children[place];
  if (given[place] === part.outerHTML || old.contains(document.activeElement) || old.querySelector(".at")) return;
  given[place] = part.outerHTML;
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  part.querySelectorAll("details").forEach((one, n) => (one.open = open[n] ?? false));
  old.replaceWith(part);
  furnish(part);
}

async function renew() {
  due = null;
  had = Date.now();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return; // the banner tells when nothing comes any more
  const parts = [...new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main").children];
  if (parts.length !== given.length) location.reload();
  else parts.forEach((part, place) => replace(place, document.adoptNode(part)));
}

function follow(what) {
  const wanted = main.dataset.follow;
  if (!wanted || (what !== wanted && what.split("/")[0] !== wanted) || due !== null) return;
  const wait = FOLLOWED_MS + Math.random() * 3000 - (Date.now() - had); // viewers do not come all at once
  due = setTimeout(() => (document.hidden ? (due = null) : renew()), Math.max(0, wait));
}
document.addEventListener("visibilitychange", () => main.dataset.follow && !document.hidden && Date.now() - had > FOLLOWED_MS && renew());

// -- live values ------------------------------------------------------------------------

const newest = new Map(); // meter -> the last that was said of it
const changed = new Set();
let heard = Date.now();
let waiting = false;

const { lang, dataset } = document.documentElement;
const words = JSON.parse(dataset.words); // what each state is called here

const written = (value, places) =>
  value === null || value === undefined
    ? "–"
    : value.toLocaleString(lang, { minimumFractionDigits: places, maximumFractionDigits: places });

function healthOf(said) {
  if (said.time === null) return "never";
  if (said.availability !== "online") return "offline";
  if (Date.now() - Date.parse(said.time) > STALE_MS) return "stale";
  return said.quality === "good" ? "ok" : "questionable";
}

// Times are the site's, written as the server writes them.
const clock = document.querySelector("[data-clock]");
const pad = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
const parts = new Intl.DateTimeFormat("en", { ...pad, hourCycle: "h23", timeZone: dataset.zone });
function local(ms) {
  const at = Object.fromEntries(parts.formatToParts(ms).map((part) => [part.type, part.value]));
  const day = lang === "de" ? `${at.day}.${at.month}.${at.year}` : `${at.year}-${at.month}-${at.day}`;
  return `${day} ${at.hour}:${at.minute}:${at.second}`;
}

function put(element, said, field) {
  if (field === "health" && element.matches(".planned, .retired")) {
    return; // nobody reads it, and that is as it should be
  } else if (field === "health") {
    const health = healthOf(said);
    element.className = `badge ${health}`;
    element.textContent = words[health];
  } else if (field === "time") {
    element.textContent = said.time === null ? "–" : local(Date.parse(said.time));
  } else {
    element.textContent = written(said[field], Number(element.dataset.places));
  }
}

function reshow() {
  waiting = false;
  for (const element of document.querySelectorAll("[data-live]")) {
    const cut = element.dataset.live.lastIndexOf("/");
    const [meter, field] = [element.dataset.live.slice(0, cut), element.dataset.live.slice(cut + 1)];
    if (changed.has(meter)) put(element, newest.get(meter), field);
  }
  for (const element of document.querySelectorAll("[data-live-sum]")) {
    const names = element.dataset.liveSum.split("|").filter(Boolean);
    if (!names.some((name) => changed.has(name)) || !names.every((name) => newest.has(name))) continue;
    const parts = names.map((name) => newest.get(name).currentKw);
    const sum = parts.some((part) => part === null) ? null : parts.reduce((a, b) => a + b, 0);
    element.textContent = written(sum, Number(element.dataset.places));
  }
  changed.clear();
}

function listen() {
  const stream = new EventSource("/v1/stream");
  stream.addEventListener("open", () => (heard = Date.now()));
  stream.addEventListener("meter", (event) => {
    const said = JSON.parse(event.data);
    heard = Date.now();
    newest.set(said.name, said);
    changed.add(said.name);
    follow(`meter/${said.name}`);
    if (!waiting) setTimeout(reshow, RESHOWN_MS);
    waiting = true;
  });
  stream.addEventListener("bill", (event) => {
    heard = Date.now();
    follow(`bill/${JSON.parse(event.data).name}`);
  });
  stream.addEventListener("event", () => follow("event"));
  return stream;
}

const silence = document.querySelector("[data-silence]");

function check(stream) {
  const lost = stream.readyState !== EventSource.OPEN || Date.now() - heard > SILENT_MS;
  document.body.classList.toggle("live", !lost);
  silence.hidden = !lost || Date.now() - heard < CHECKED_MS;
  document.body.classList.toggle("lost", !silence.hidden);
  if (lost) silence.textContent = silence.dataset.silence.replace("{time}", local(heard));
  for (const element of document.querySelectorAll("[data-stale]")) {
    const said = newest.get(element.dataset.stale);
    element.classList.toggle("is-stale", lost && !silence.hidden ? true : said !== undefined && healthOf(said) !== "ok");
  }
}

if (document.querySelector("[data-live], [data-live-sum], [data-follow]")) {
  const stream = listen();
  setInterval(() => check(stream), CHECKED_MS);
  stream.addEventListener("open", () => check(stream));
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  setInterval(() => (clock.textContent = local(Date.now())), 1000);
} else {
  document.querySelector("[data-pulse]").remove(); // this page says how it was, not how it is
}
