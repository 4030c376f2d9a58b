"""Open pages in a headless Chromium, light, dark and on a phone, and look for what a reader would trip over.

usage: screens.py OUT_FOLDER PAGE.html...

For each page and view it writes OUT_FOLDER/<page>-<view>.png, and fails on: an error or warning in the console, any
request, a page wider than the window, a table that is cut on a desktop, a figure without a size, text of less than the contrast that WCAG AA asks of
small text, a link to a part that is not there, or a colour switch that changes nothing.
"""

import os
import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

VIEWS = {
    "light": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}

# Runs in the page: everything that is wrong with it, as text.
FAULTS = """() => {
  const faults = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth) faults.push(`page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
  for (const box of document.querySelectorAll(".scroll"))
    if (innerWidth > 1000 && box.scrollWidth > box.clientWidth + 1) faults.push(`table ${box.innerText.slice(0, 40)} is cut: ${box.scrollWidth} wide in ${box.clientWidth}`);
  for (const svg of document.querySelectorAll("figure svg")) {
    const box = svg.getBoundingClientRect();
    if (box.width < 50 || box.height < 10) faults.push(`figure ${svg.getAttribute("aria-label")} has no size`);
    if (/#0000[0-9a-f]{2}/i.test(svg.outerHTML)) faults.push(`figure ${svg.getAttribute("aria-label")} has a colour of no theme`);
  }
  for (const a of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(a.getAttribute("href").slice(1))) faults.push(`link ${a.getAttribute("href")} leads nowhere`);
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgba(c)[3] > 250) return rgba(c); } return [255, 255, 255]; };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let t; (t = texts.nextNode());) {
    const e = t.parentElement;
    if (!t.data.trim() || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const front = rgba(e.closest("svg") ? style.fill : style.color), back = behind(e.closest("svg") ?? e);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05), key = `${e.tagName}.${e.className.baseVal ?? e.className} ${front} on ${back}`;
    if (ratio < 4.5 && !seen.has(key)) { seen.add(key); faults.push(`contrast ${ratio.toFixed(2)}: ${key}: ${t.data.trim().slice(0, 30)}`); }
  }
  return faults;
}"""

PAPER = "() => getComputedStyle(document.body).backgroundColor"


def look(browser, page_file, view, settings, out):
    """Returns the faults of one page in one view, and writes its picture."""
    context = browser.new_context(**settings)
    page = context.new_page()
    faults = []
    page.on("console", lambda m: faults.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: faults.append(f"script error: {e}"))
    page.on("request", lambda r: faults.append(f"request of {r.url}") if r.url != page_file.as_uri() and not r.url.startswith("data:") else None)
    page.on("dialog", lambda d: (faults.append(f"dialog: {d.message}"), d.dismiss()))
    page.goto(page_file.as_uri(), wait_until="load")
    faults += page.evaluate(FAULTS)
    page.screenshot(path=out / f"{page_file.stem}-{view}.png", full_page=True, timeout=120_000)
    other = "dark" if settings["color_scheme"] == "light" else "light"
    before = page.evaluate(PAPER)
    page.locator(f"#theme-{other}").check(force=True)
    if page.evaluate(PAPER) == before:
        faults.append("the switch of colours changes nothing")
    for details in page.locator("details").all():
        details.evaluate("e => e.open = true")
    faults += [f"opened: {f}" for f in page.evaluate(FAULTS) if f.startswith(("page is", "table "))]
    context.close()
    return faults


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    pages = [pathlib.Path(name).resolve() for name in sys.argv[2:]]
    if not pages:
        sys.exit("give pages to look at")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("no chromium: install it, or name it in CHROMIUM")
    bad = 0
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        for page_file in pages:
            for view, settings in VIEWS.items():
                faults = look(browser, page_file, view, settings, out)
                print(f"{page_file.name} {view}: {'ok' if not faults else ''}")
                for fault in dict.fromkeys(faults):
                    print(f"  {fault}")
                bad += bool(faults)
        browser.close()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
