// Tests the live page in Chromium: node page.mjs URL SOURCES [SCREENSHOT_FOLDER]. CHROMIUM names the browser. There are two runs: `pretrain`, which is
// trained now, and `other`, which was fetched before; and so many sources, of which one has an odd name where there are more than one.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const url = new URL(process.argv[2]);
const sources = Number(process.argv[3]);
const shots = process.argv[4];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const troubles = [];

async function open(width, height, colorScheme = "light", hash = "") {
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1, colorScheme });
  page.on("console", message => message.type() === "error" && troubles.push(message.text()));
  page.on("pageerror", error => troubles.push(String(error)));
  // Nothing comes from anywhere but the sampler.
  page.on(
    "request",
    request =>
      new URL(request.url()).host === url.host || request.url().startsWith("data:") || troubles.push(request.url()),
  );
  await page.goto(url.href + hash);
  await page.waitForFunction(
    () => document.querySelector("#pools tbody tr") && document.querySelector("#lengths path"),
  );
  return page;
}
async function shot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}
const texts = (page, selector) => page.locator(selector).allTextContents();

// It opens on the run that trains now, and says what is shown.
const page = await open(1280, 1000);
assert.equal(await page.textContent("#state"), "All moves");
assert.match(await page.textContent("#corpus"), /corpus main/);
assert.equal(await page.textContent("#name"), "Run pretrain");
assert.deepEqual(await texts(page, "#runs a[aria-current=page]").then(all => all.map(text => text.split("live;")[0])), [
  "pretrain",
]);
assert.match(await page.textContent("#about"), /trains now, step \d+/);
assert.match(await page.textContent("#replica"), /holds/);
await page.waitForFunction(() => document.querySelectorAll("#losses path").length >= 2);
assert.match(await page.textContent("#losses title"), /^Newest losses by length, smoothed: [\d,]+: \d\.\d{3}/);
await page.waitForFunction(() => {
  const facts = document.getElementById("facts").textContent;
  return /tokens\/s, last minute[1-9]/.test(facts) && /loss, newest 16 steps\d\.\d{3}/.test(facts);
});
assert.equal(await page.locator("#ranks tbody tr").count(), 1, "one rank, whatever its connections");

// Every source stands in the mixture; the pools show the largest, and the others by their names.
const mixture = await texts(page, "#mixture tbody th");
assert.equal(mixture.length, sources);
assert.equal(await page.locator("#pools tbody tr").count(), Math.min(sources, 25));
assert.match(await page.textContent("#poolsNote"), new RegExp(`^${sources} source`));
if (sources > 1) {
  // Sources are other people's: markup in them stays text, and every character is as it came.
  const odd = "<b>bold</b> \u0000\u2028e\u0301\u202e\u05d0 \u{1F600}\uFEFF";
  assert.ok(mixture.includes(odd), "odd characters stay as they are");
  assert.equal(await page.locator("main b").count(), 0);
  await page.fill("#filter", "<B>BOLD");
  await page.waitForFunction(() => document.querySelectorAll("#pools tbody tr").length === 1);
  await page.fill("#filter", "");
}

// It moves by itself.
const before = await page.textContent("#about");
await page.waitForFunction(before => document.getElementById("about").textContent !== before, before, {
  timeout: 30000,
});

// Every run has an address; runs can be compared; a keyboard is enough.
await page.route(/run=other/, async route => {
  await new Promise(later => setTimeout(later, 1500));
  await route.continue();
});
await page.locator("#runs a", { hasText: "other" }).focus();
await page.keyboard.press("Enter");
await page.waitForFunction(() => document.getElementById("name").textContent === "Run other");
assert.ok(await page.locator("#panels").isHidden(), "nothing of another run stands under its name");
await page.locator("#panels").waitFor({ state: "visible" });
await page.unrouteAll({ behavior: "wait" });
assert.match(page.url(), /#run=other$/);
await page.waitForFunction(() => document.querySelectorAll("#mixture tbody tr").length > 0);
await page.reload();
await page.waitForFunction(() => document.getElementById("name").textContent === "Run other");
await page.selectOption("#with", "pretrain");
await page.waitForFunction(() =>
  [...document.querySelectorAll("#lossesKey li")].some(li => li.textContent.includes("of pretrain")),
);
assert.match(page.url(), /#run=other&with=pretrain$/);
assert.deepEqual(await texts(page, "#compared thead th"), ["", "other", "pretrain"]);
assert.ok((await texts(page, "#mixture thead th")).includes("dealt by pretrain"));
assert.equal(await page.textContent("#besideLengthsTitle"), "Curriculum of pretrain");
assert.ok((await page.locator("#besideLengths path").count()) > 1);
// The run was trained twice from its start: steps that come again do not go back and forth.
for (const path of await page.locator("#losses path").all()) {
  const places = [...(await path.getAttribute("d")).matchAll(/[ML]([\d.]+)/g)].map(match => Number(match[1]));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
}
await shot(page, `page-${sources}-compared`);
await page.goBack();
await page.locator("#besideCurriculum").waitFor({ state: "hidden" });
await page.goBack();
await page.waitForFunction(() => document.getElementById("name").textContent === "Run pretrain");

// A run that is not there is said not to be there.
const missing = await browser.newPage();
await missing.goto(url.href + "#run=nowhere");
await missing.waitForFunction(() => document.getElementById("missing").textContent === "There is no run nowhere.");
assert.ok(await missing.locator("#run").isHidden());
await missing.close();

// Held still, it does not change under the eyes of a reader.
await page.click("#still");
await page.waitForTimeout(500);
const held = await page.locator("main").innerHTML();
await page.waitForTimeout(5000);
assert.equal(await page.locator("main").innerHTML(), held);
await page.click("#still");
await page.waitForFunction(before => document.querySelector("main").innerHTML !== before, held);

// What is wrong stands at the top, in words.
await page.route(/\/live/, async route => {
  const answer = await route.fetch();
  const now = await answer.json();
  now.stalls = [{ text: "partition 3 has no leader", sinceMillis: 65_000 }];
  now.conserved = false;
  now.ranks = [40_000, 35_000, 100].map((waitingMillis, rank) => ({
    ...now.ranks[0],
    run: "pretrain",
    rank,
    world: 3,
    askedStep: 1234,
    waitingMillis,
  }));
  now.past = [...Array(12).keys()].map(i => ({
    atMillis: 10_000 * i,
    lagRecords: i,
    rows: i > 3 && i < 7 ? 0 : 5,
    p50Millis: 60,
    p99Millis: 120,
  }));
  await route.fulfill({ response: answer, json: now });
});
await page.waitForFunction(() =>
  document.getElementById("state").textContent.startsWith("3 things are wrong: partition 3"),
);
assert.match(await page.title(), /^⚠ pretrain · Dyadic$/);
const [stall, waiting, broken] = await texts(page, "#notes li");
assert.equal(stall, "For 1.1 min: partition 3 has no leader");
assert.equal(waiting, "For 40.0 s: rank 0 of 3 waits for step 1,234 of run pretrain, and 1 more for theirs");
assert.match(broken, /admitted is not dealt \+ pending \+ shed/);
// Where nothing was published for ten minutes, there is no freshness: the median and the 99th percentile are each two lines.
assert.equal(await page.locator("#fresh path").count(), 4);
assert.equal(await page.locator("#lag path").count(), 1);
await page.unrouteAll({ behavior: "wait" });
await page.waitForFunction(() => document.getElementById("state").textContent === "All moves");

// What assistive technology is told, in both colours.
for (const scheme of ["light", "dark"]) {
  const looked = await open(1280, 1000, scheme);
  await looked.waitForFunction(() => document.querySelector("#losses path"));
  await looked.evaluate(axe);
  const found = (await looked.evaluate(() => globalThis.axe.run())).violations.filter(violation =>
    ["serious", "critical"].includes(violation.impact),
  );
  assert.deepEqual(
    found.map(
      violation =>
        `${violation.id}: ${violation.nodes
          .map(node => node.html)
          .slice(0, 3)
          .join(" ")}`,
    ),
    [],
    scheme,
  );
  await shot(looked, `page-${sources}-${scheme}`);
  await looked.close();
}

// Nothing is cut off, from a phone to a wall.
for (const width of [390, 760, 1024, 1600, 2560]) {
  const looked = await open(width, 900);
  const wide = await looked.evaluate(() =>
    [...document.querySelectorAll("body, header, nav, main, .panel, dd")]
      .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
      .map(e => `${e.tagName} ${e.id || e.className} ${e.scrollWidth} > ${e.clientWidth}`),
  );
  assert.deepEqual(wide, [], `${width} pixels`);
  assert.ok(
    await looked.evaluate(width => document.scrollingElement.scrollWidth <= width, width),
    `${width} pixels do not scroll sideways`,
  );
  if (width === 390) await shot(looked, `page-${sources}-phone`);
  await looked.close();
}
// Two runs on a phone: words stay whole, and what does not fit is reached by scrolling.
const phone = await open(360, 800, "light", "#run=other&with=pretrain");
await phone.waitForFunction(() => document.querySelector("#compared tbody tr"));
const heights = await phone.evaluate(() =>
  [...document.querySelectorAll("#compared tbody tr")].map(row => row.getBoundingClientRect().height),
);
assert.ok(Math.max(...heights) < 120, `rows of the comparison are ${heights} pixels high`);
await shot(phone, `page-${sources}-phone-compared`);
await phone.close();
assert.deepEqual(troubles, []);

// A sampler that says nothing is noticed, and one that is gone is said to be gone.
await page.route(/\/live/, () => {});
await page.waitForFunction(
  () => document.getElementById("state").textContent.startsWith("The sampler does not answer"),
  null,
  { timeout: 30000 },
);
assert.equal(await page.getAttribute("#main", "class"), "old");
await page.unrouteAll({ behavior: "ignoreErrors" });
await page.waitForFunction(() => document.getElementById("state").textContent === "All moves");
await page.route(/\/live/, route => route.abort());
await page.waitForFunction(() =>
  document.getElementById("state").textContent.startsWith("The sampler does not answer"),
);
await browser.close();
console.log(
  `page: ${sources} sources; drawn, moving, addressed, compared, told to assistive technology, and not cut off from 390 to 2,560 pixels`,
);
