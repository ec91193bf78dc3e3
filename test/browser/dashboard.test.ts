import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { main } from "../../tools/dashboard/main";
import { pathOf } from "../support/requirements";

/** Names under which the browser is installed. */
const BROWSER = pathOf("chromium", "chromium-browser", "google-chrome");

const suite = BROWSER === undefined ? describe.skip : describe;

suite(
  `the dashboard's page, in headless Chromium${BROWSER === undefined ? " (skipped: no chromium on the PATH)" : ""}`,
  () => {
    let folder: string;
    let browser: Browser;
    const complaints: string[] = [];

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "page-"));
      await main(["--html", join(folder, "out.html")], () => undefined);
      // As root, as in a container, Chromium has no sandbox of its own.
      browser = await chromium.launch({ executablePath: BROWSER ?? "", args: ["--no-sandbox"], timeout: 0 });
    });
    after(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    const open = async (colorScheme: "light" | "dark"): Promise<Page> => {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1600, height: 1000 } });
      // However slow the machine is: the test's own time is the limit.
      page.setDefaultTimeout(0);
      page.on("pageerror", ({ message }) => complaints.push(message));
      page.on("console", (message) => {
        if (message.type() !== "log") complaints.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith("file:") && !request.url().startsWith("data:"))
          complaints.push(request.url());
      });
      await page.goto(pathToFileURL(join(folder, "out.html")).href);
      await page.waitForSelector("body[data-drawn]");
      return page;
    };
    /** The theme's colour of cards, and of each panel how much is drawn in it. */
    const look = (page: Page) =>
      page.evaluate<{
        card: string;
        text: string;
        wider: boolean;
        panels: {
          title: string;
          state: string;
          value?: string;
          strokes: number;
          width: number;
          cardWidth: number;
        }[];
      }>(`({
      card: getComputedStyle(document.querySelector("article")).backgroundColor,
      text: getComputedStyle(document.body).color,
      wider: document.documentElement.scrollWidth > innerWidth,
      panels: [...document.querySelectorAll("article")].map((card) => ({
        title: card.querySelector("h3").textContent,
        state: card.dataset.state,
        value: card.querySelector(".value")?.textContent,
        strokes: card.querySelectorAll("svg path").length,
        width: card.querySelector("svg")?.getBoundingClientRect().width ?? 0,
        cardWidth: card.getBoundingClientRect().width,
      })),
    })`);

    for (const [scheme, card] of [
      ["light", "rgb(255, 255, 255)"],
      ["dark", "rgb(29, 32, 39)"],
    ] as const)
      it(`draws every panel, in ${scheme}, and asks and complains of nothing`, async () => {
        const page = await open(scheme);
        const seen = await look(page);
        assert.equal(seen.card, card);
        assert.equal(seen.wider, false);
        assert.equal(seen.panels.length, 37);
        for (const { title, state, value, strokes, width, cardWidth } of seen.panels) {
          assert.equal(state, "data", title);
          if (value === undefined) {
            assert.ok(strokes > 5, `${title}: ${strokes} strokes`);
            assert.ok(width > 0.8 * cardWidth && width <= cardWidth, title);
          } else assert.match(value, /\d/, title);
        }
        assert.deepEqual(complaints, []);
        await page.close();
      });

    it("changes from light to dark by its button, and says what good looks like", async () => {
      const page = await open("light");
      await page.click("button");
      assert.equal((await look(page)).card, "rgb(29, 32, 39)");
      await page.click("#panel-1 summary");
      assert.match(
        await page.innerText("#panel-1 details"),
        /Good: p95 below the line at 60 s.*SRE-002 has:.*histogram_quantile/s,
      );
      assert.deepEqual(complaints, []);
      await page.close();
    });
  },
);
