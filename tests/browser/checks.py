"""What can be measured on a page: whether it fits, what can be hit with a thumb, what is cut off, what axe finds."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page

THUMB = 44
"""The least width and height of what is tapped, in CSS pixels."""

_SIDEWAYS = """
() => {
  const root = document.documentElement, over = root.scrollWidth - root.clientWidth;
  if (over <= 0) return [];
  const wide = [...document.querySelectorAll('body *')].filter(one => one.checkVisibility()
    && one.getBoundingClientRect().right > root.clientWidth + 1);
  return [`${over} pixels too wide`, ...wide.map(one => `${one.tagName}.${one.className}`.slice(0, 90))];
}
"""

# A control is as large as the label around it; a link in a sentence is exempt, as it is everywhere.
_SMALL_TARGETS = """
least => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')]
  .map(one => one.closest('label') || one)
  .filter(one => one.checkVisibility())
  .filter(one => !(one.matches('a') && getComputedStyle(one).display === 'inline'
    && one.parentElement.textContent.trim() !== one.textContent.trim()))
  .map(one => [one.textContent.trim().slice(0, 40) || one.id || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - .5 || box.width < least - .5)
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)
"""

# What is meant to be shortened says so (an ellipsis, a number of lines); what only screen readers hear has no size.
_CUT_OFF = """
() => [...document.querySelectorAll('body *')].filter(one => {
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const meant = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || box.width < 2;
  const hides = side => ['hidden', 'clip'].includes(side);
  const words = one.textContent.trim() && !one.matches('select, textarea, iframe, svg *');
  return one.checkVisibility() && !meant && words && (
    hides(style.overflowX) && one.scrollWidth > one.clientWidth + 2
    || hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2);
}).map(one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)
"""

_OVERLAPPING = """
() => {
  const found = [], boxes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('select, script, style, noscript') || !parent.checkVisibility()) continue;
    let hidden = false, seen = [0, 0, 1e6, 1e6];  // the part of the page through which one sees it
    for (let one = parent; one; one = one.parentElement) {
      const box = one.getBoundingClientRect(), style = getComputedStyle(one);
      hidden ||= box.width < 2 || box.right < 0 || box.bottom < 0;
      hidden ||= style.visibility === 'hidden' || style.opacity === '0';
      if (style.overflowX !== 'visible' && one !== document.body) seen = [Math.max(seen[0], box.left),
        Math.max(seen[1], box.top), Math.min(seen[2], box.right), Math.min(seen[3], box.bottom)];
      hidden ||= style.position === 'fixed' || style.position === 'sticky';
    }
    if (hidden) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const left = Math.max(box.left, seen[0]), right = Math.min(box.right, seen[2]);
      const top = Math.max(box.top, seen[1]), bottom = Math.min(box.bottom, seen[3]);
      if (right > left && bottom > top) boxes.push([node, {left, right, top, bottom, height: box.height}]);
    }
  }
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [first, a] = boxes[i], [second, b] = boxes[j];
    if (first === second) continue;
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > Math.min(a.height, b.height) / 3)
      found.push(`“${first.data.trim().slice(0, 30)}” and “${second.data.trim().slice(0, 30)}”`);
  }
  return [...new Set(found)];
}
"""

_BACKGROUND = """
() => {
  const canvas = document.createElement('canvas').getContext('2d');
  canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
}
"""


def sideways(page: Page | Frame) -> list[str]:
    """What makes a page so wide that it has to be scrolled sideways; nothing if it has not."""
    return list(page.evaluate(_SIDEWAYS))


def small_targets(page: Page) -> list[str]:
    """What is too small for a thumb, with its size."""
    return list(page.evaluate(_SMALL_TARGETS, THUMB))


def cut_off(page: Page) -> list[str]:
    """Elements that hide a part of their own words without saying so."""
    return list(page.evaluate(_CUT_OFF))


def overlapping(page: Page) -> list[str]:
    """Pairs of words that stand upon each other."""
    return list(page.evaluate(_OVERLAPPING))


def background(page: Page) -> tuple[int, int, int]:
    """The page's background as it is painted: red, green, blue."""
    red, green, blue, _alpha = page.evaluate(_BACKGROUND)
    return red, green, blue


def focus_ring(page: Page) -> float:
    """How wide the outline of what has the focus is, in pixels: its own, or that of the label or row it stands in."""
    return float(
        page.evaluate("""
        () => {
          let widest = 0;
          for (let one = document.activeElement; one && one !== document.body; one = one.parentElement) {
            const style = getComputedStyle(one);
            if (style.outlineStyle !== 'none') widest = Math.max(widest, parseFloat(style.outlineWidth));
          }
          return widest;
        }""")
    )


def axe(page: Page, *, contrast_only: bool = False) -> list[str]:
    """Everything axe finds wrong on a page and in its frames, one line each."""
    return [line for frame in page.frames for line in _axe(frame, contrast_only)]


def _axe(frame: Frame, contrast_only: bool) -> list[str]:
    options: dict[str, Any] = {"resultTypes": ["violations"], "iframes": False}
    if contrast_only:
        options["runOnly"] = ["color-contrast"]
    elif "/demo/mail/" in frame.url:
        # An email is no page: it has a table where a page has its landmarks.
        options["rules"] = {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}
    frame.evaluate(f"if (!window.axe) {{ {AXE_SCRIPT} }}")
    found: dict[str, Any] = frame.evaluate("options => axe.run(options)", options)
    return [
        f"{violation['id']}: {node['target'][0]}: {node['html'][:120]} ({_why(node)})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(one["message"] for one in (*node["any"], *node["all"], *node["none"]))[:240]
