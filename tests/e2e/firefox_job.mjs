/**
 * The main job in Firefox ESR, driven over WebDriver BiDi: open, click, confirm, reload in the middle of a draft, export.
 *     node firefox_job.mjs URL FIREFOX "[[x, y, positive], ...]"
 * Prints one line of JSON: what was seen. Console errors and exceptions of the page are in `faults`.
 */
import puppeteer from "puppeteer-core";

const [url, executablePath, clicks] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const seen = { faults: [] };
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  page.on("console", (message) => { if (message.type() === "error") seen.faults.push(message.text()); });
  page.on("pageerror", (error) => seen.faults.push(String(error)));

  const until = async (what, script, patience = 90_000) => {
    const end = Date.now() + patience;
    for (;;) {
      const found = await page.evaluate(script);
      if (found) return found;
      if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${await page.evaluate("JSON.stringify(document.documentElement.dataset) + document.body.innerText.slice(0, 600)")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const ready = () => until("ready", "document.documentElement.dataset.ready === 'true'");
  const idle = () => until("an answer", "window.segmark.unanswered() === 0 && !window.segmark.state().busy && window.segmark.state().draft?.area > 0");

  const began = Date.now();
  await page.goto(`${url}?sample=blowhole`);
  await ready();
  seen.ready_ms = Date.now() - began;
  for (const [x, y, positive] of JSON.parse(clicks)) {
    const at = await page.evaluate(`window.segmark.toScreen(${x + 0.5}, ${y + 0.5})`);
    await page.mouse.click(at.x, at.y, { button: positive ? "left" : "right" });
    await idle();
  }
  seen.area = await page.evaluate("window.segmark.state().draft.area");
  // known only when the mask is painted, which may be after its state came
  seen.ms = await until("the click's time", "window.segmark.timings.at(-1)?.press_ms_to_paint");
  await until("the draft on disk", "document.getElementById('status-saved').dataset.state === 'saved'");
  await page.goto(url);
  await ready();
  await until("the draft of before", `window.segmark.state().draft?.area === ${seen.area}`);
  await page.keyboard.press("Enter");
  await until("the palette", "!document.getElementById('palette').hidden");
  await page.keyboard.press("3");
  await until("the annotations", "window.segmark.state().annotations.length > 0 && window.segmark.state().draft === null");
  seen.annotations = await page.evaluate("window.segmark.state().annotations.map(({ area, label_id }) => ({ area, label_id }))");
  seen.offline = await page.evaluate("document.getElementById('status-offline').dataset.state");
} catch (error) {
  seen.faults.push(String(error));
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
