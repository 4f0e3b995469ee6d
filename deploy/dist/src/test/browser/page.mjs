// Tests the live page in Chromium: node page.mjs URL [SCREENSHOT_FOLDER]. CHROMIUM names the browser.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const url = new URL(process.argv[2]);
const shots = process.argv[3];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(width, height) {
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1 });
  const troubles = [];
  page.on("console", message => message.type() === "error" && troubles.push(message.text()));
  page.on("pageerror", error => troubles.push(String(error)));
  // Nothing comes from anywhere but the sampler.
  page.on("request", request => new URL(request.url()).host === url.host || request.url().startsWith("data:") || troubles.push(request.url()));
  await page.goto(url.href);
  await page.waitForFunction(() => document.querySelector("#pools tr:nth-child(2)") !== null);
  return { page, troubles };
}
const drawn = (page, id) => page.evaluate(id => {
  const canvas = document.getElementById(id);
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0);
}, id);

const { page, troubles } = await open(1100, 1400);
assert.equal(await page.textContent("#state"), "all moves");
assert.match(await page.textContent("#corpus"), /corpus main/);
assert.match(await page.textContent("#cards"), /holds/);
assert.match(await page.textContent("#about"), /served up to step \d+/);
assert.ok(await drawn(page, "lengths"), "the lengths are drawn");
assert.ok(await drawn(page, "losses"), "the losses are drawn");
assert.ok(await page.locator("#clients tr").count() >= 2, "a client is shown");
// Sources are other people's: markup in them stays text, and every character is as it came.
assert.equal(await page.locator("#pools b").count(), 0);
const odd = "<b>bold</b> \u0000\u2028e\u0301\u202e\u05d0 \u{1F600}\uFEFF";
assert.ok((await page.locator("#pools td").allTextContents()).includes(odd), "odd characters stay as they are");
// It moves by itself.
const before = await page.textContent("#about");
await page.waitForFunction(before => document.getElementById("about").textContent !== before, before, { timeout: 30000 });
if (shots) await page.screenshot({ path: `${shots}/page.png` });
assert.deepEqual(troubles, []);

const phone = await open(390, 844);
assert.ok(await phone.page.evaluate(() => document.scrollingElement.scrollWidth <= 390), "a phone does not scroll sideways");
if (shots) await phone.page.screenshot({ path: `${shots}/page-phone.png` });
assert.deepEqual(phone.troubles, []);

// A sampler that is gone is said to be gone.
await page.route("**/live", route => route.abort());
await page.waitForFunction(() => document.getElementById("state").textContent.startsWith("the sampler does not answer"));
await browser.close();
console.log("page: drawn, moving, readable on a phone, and nothing from elsewhere");
