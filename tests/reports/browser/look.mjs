// Opens report pages in Chromium and prints, as JSON, what it sees. usage: node look.mjs NODE_FOLDER CHROMIUM PAGES.json
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, chromium, jobsFile] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");
const pages = JSON.parse(readFileSync(jobsFile, "utf-8"));

const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
});

async function opened(file, { width = 1100, height = 900, dark = false, script = true, hash = "" } = {}) {
  const page = await browser.newPage();
  const said = [], asked = [];
  page.on("console", (m) => ["error", "warn"].includes(m.type()) && said.push(m.text()));
  page.on("pageerror", (e) => said.push(String(e)));
  page.on("request", (r) => !/^(file|data):/.test(r.url()) && asked.push(r.url()));
  await page.setJavaScriptEnabled(script);
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  await page.goto(pathToFileURL(file).href + hash, { waitUntil: "load" });
  return { page, said, asked };
}

// The page's policy forbids our script as well, so it is injected past it (CDP evaluates in the page's main world).
async function rules(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    axe.run(document, { resultTypes: ["violations", "incomplete"] }).then((r) => ({
      violations: r.violations.map((v) => ({ id: v.id, impact: v.impact, at: v.nodes.slice(0, 4).map((n) => n.target.join(" ") + " " + (n.failureSummary || "").slice(0, 160)) })),
      passes: r.passes.length,
    })));
  return found;
}

const shown = (page) => page.$$eval("[data-counts]", (all) => all.filter((el) => !el.hidden).length);

async function look(file) {
  const seen = {};
  for (const [name, how] of Object.entries({ light: {}, dark: { dark: true }, narrow: { width: 360, height: 740 } })) {
    const { page, said, asked } = await opened(file, how);
    if (name !== "light") await page.$$eval("details", (all) => all.slice(0, 6).forEach((d) => (d.open = true)));
    seen[name] = {
      said, asked,
      axe: await rules(page),
      overflow: await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    };
    await page.close();
  }

  {
    const { page } = await opened(file);
    const reachable = await page.$$eval("a[href], button, input, summary, [tabindex='0']", (all) => all.filter((el) => el.checkVisibility()).length);
    const stops = [];
    for (let i = 0; i <= reachable + 1; i += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const all = (globalThis.everything ||= [...document.querySelectorAll("*")]);
        return document.activeElement === document.body ? -1 : all.indexOf(document.activeElement);
      });
      if (stop < 0 || stops.includes(stop)) break;
      stops.push(stop);
    }
    const first = await page.evaluate((n) => `${everything[n].className} ${everything[n].getAttribute("href")}`, stops[0]);
    await page.evaluate((n) => everything[n].focus(), stops[0]);
    await page.keyboard.press("Enter");
    const ring = await page.evaluate(() => { const s = document.querySelector(".contents a"); s.focus(); return getComputedStyle(s).outlineStyle; });
    const details = await page.$("details:not([open]) > summary");
    let toggled = null;
    if (details) {
      await details.focus();
      await page.keyboard.press("Enter");
      toggled = await page.evaluate((el) => el.parentElement.open, details);
    }
    seen.keyboard = { first, hash: await page.evaluate(() => location.hash), ring, stops: stops.length, reachable, toggled };
    await page.close();
  }

  {
    const { page } = await opened(file);
    const all = await shown(page);
    const boxes = await page.$$eval(".sift input[type=checkbox]", (b) => b.map((x) => x.value));
    const words = await page.$eval("[data-counts]", (el) => el.textContent.trim().split(/\s+/).slice(0, 2).join(" "));
    await page.type(".sift input[type=search]", words);
    const searched = await shown(page);
    const told = await page.$eval(".sift output", (o) => o.textContent);
    await page.click(".sift button[type=reset]");
    await page.waitForFunction((n) => [...document.querySelectorAll("[data-counts]")].filter((e) => !e.hidden).length === n, {}, all);
    const byState = {};
    for (const state of boxes) {
      await page.$$eval(".sift input[type=checkbox]", (list, only) => list.forEach((b) => { b.checked = b.value === only; }), state);
      await page.$eval(".sift input[type=search]", (el) => el.dispatchEvent(new Event("input", { bubbles: true })));
      byState[state] = await page.$$eval("[data-counts]", (list) => list.filter((el) => !el.hidden).map((el) => el.dataset.state));
    }
    seen.sift = { all, words, searched, told, byState };
    await page.close();
  }

  {
    const { page, said } = await opened(file, { script: false });
    seen.without = {
      said,
      form: await page.$eval(".sift", (f) => f.getBoundingClientRect().height),
      shown: await page.$$eval("[data-counts]", (all) => all.filter((el) => el.getClientRects().length).length),
    };
    await page.close();
  }

  {
    const { page } = await opened(file);
    const id = await page.$$eval("details:not([open]) [id]", (all) => (all[0] || {}).id || "");
    await page.close();
    seen.deep = { id };
    if (id) {
      const { page: deep } = await opened(file, { hash: `#${id}` });
      seen.deep.open = await deep.evaluate((i) => document.getElementById(i).closest("details").open, id);
      seen.deep.near = await deep.evaluate((i) => Math.abs(document.getElementById(i).getBoundingClientRect().top) < innerHeight, id);
      await deep.close();
    }
  }

  {
    const { page } = await opened(file);
    await page.pdf({ format: "A4", path: `${file}.pdf` });
    seen.print = { shut: await page.$$eval("details:not([open]):not(.how)", (d) => d.length) };
    await page.emulateMediaType("print");
    seen.print.form = await page.$eval(".sift", (f) => f.getBoundingClientRect().height);
    await page.close();
  }
  return seen;
}

try {
  const told = {};
  for (const [name, file] of Object.entries(pages)) told[name] = await look(file);
  console.log(JSON.stringify(told));
} finally {
  await browser.close();
}
