/** What must hold of any screen: found in the page, told as sentences. A test expects none. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Everything that axe finds, with the first elements of each kind. */
export async function findAxeViolations(page: Page): Promise<string[]> {
  // In one frame, so that no second page is opened for it; the page has no frames.
  const { violations } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode(true).analyze();
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} – ${(failureSummary ?? '').split('\n')[1]?.trim().slice(0, 160) ?? ''}`).join(' | ')}`);
}

/** Controls that cannot be brought into the window by scrolling what scrolls. */
export async function findLostControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, summary, [role="grid"]')].filter(
      (control) => control.checkVisibility({ visibilityProperty: true }) && control.closest('.hidden-text, .skip, [aria-hidden="true"], [inert]') === null,
    );
    const lost: string[] = [];
    for (const control of controls) {
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      let { left, right, top, bottom } = control.getBoundingClientRect();
      for (let parent = control.parentElement; parent !== null; parent = parent.parentElement) {
        const style = getComputedStyle(parent);
        // What is hidden there can be scrolled by a script, and by nobody else.
        if (style.overflowX === 'hidden' && parent.scrollLeft !== 0) [left, right, parent.scrollLeft] = [left + parent.scrollLeft, right + parent.scrollLeft, 0];
        if (style.overflowY === 'hidden' && parent.scrollTop !== 0) [top, bottom, parent.scrollTop] = [top + parent.scrollTop, bottom + parent.scrollTop, 0];
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const box = parent.getBoundingClientRect();
        [left, right, top, bottom] = [Math.max(left, box.left), Math.min(right, box.right), Math.max(top, box.top), Math.min(bottom, box.bottom)];
      }
      [left, right, top, bottom] = [Math.max(left, 0), Math.min(right, innerWidth), Math.max(top, 0), Math.min(bottom, innerHeight)];
      const needed = Math.min(16, control.offsetWidth - 1, control.offsetHeight - 1);
      if (right - left < needed || bottom - top < needed) lost.push(`${control.outerHTML.slice(0, 140)} is seen ${Math.round(right - left)} × ${Math.round(bottom - top)}`);
    }
    return lost;
  });
}

/**
 * Texts that do not come from the catalogue, on a page in the pseudo-language, whose texts stand in marked brackets. Names, numbers and
 * other people's words are no texts of ours: they stand in `bdi`, in monospace, or under a language of their own.
 */
export async function findUnmarkedTexts(page: Page, names: readonly string[]): Promise<string[]> {
  return page.evaluate((known) => {
    const foreign = 'bdi, .mono, code, kbd, pre, textarea, [lang]:not(html), .method, time, script, style, noscript';
    const strip = (text: string): string => {
      let [rest, before] = [text, ''];
      // Texts with texts inside come off from the inside out.
      while (rest !== before) [before, rest] = [rest, rest.replace(/\[[^[\]]*·+\]/g, ' ')];
      for (const name of known) rest = rest.replaceAll(name, ' ');
      return rest.replace(/\b(?:byte|kB|MB|GB|TB|AM|PM|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|r\d{4}|q\d{4}|p\d{4}|ago|this|yesterday|today|(?:minute|hour|day)s?|[0-9a-f]{12,})\b|\d+(?:\.\d+)?e[-+]?\d+/g, ' ');
    };
    const isText = (text: string): boolean => /\p{L}{2,}/u.test(strip(text));
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent === null || parent.closest(foreign) !== null || !parent.checkVisibility()) continue;
      if (isText(node.textContent ?? '')) found.push(`“${(node.textContent ?? '').trim().slice(0, 80)}” in <${parent.tagName.toLowerCase()}${parent.className === '' ? '' : ` class="${parent.getAttribute('class') ?? ''}"`}>`);
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      if (element.closest('[lang]:not(html)') !== null) continue;
      for (const name of ['aria-label', 'title', 'placeholder']) {
        const text = element.getAttribute(name);
        if (text !== null && isText(text)) found.push(`${name}="${text.slice(0, 80)}" of <${element.tagName.toLowerCase()}>`);
      }
    }
    return [...new Set(found)];
  }, names);
}

/** Where Tab goes from here on, and what of it does not show that it has the focus. */
export async function walkByTab(page: Page, stops: number): Promise<{ names: string[]; unseen: string[] }> {
  const names: string[] = [];
  const unseen: string[] = [];
  for (let stop = 0; stop < stops; stop += 1) {
    await page.keyboard.press('Tab');
    const { name, isSeen } = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return { name: '', isSeen: true };
      const marks = [element, ...element.querySelectorAll('.row.active')];
      const isOutlined = marks.some((mark) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(mark);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      });
      // The border between two panes becomes thicker in the accent's colour instead.
      return { name: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60), isSeen: isOutlined || element.getAttribute('role') === 'separator' || element.matches('[role="grid"]:not(:has(.row))') };
    });
    names.push(name);
    if (!isSeen) unseen.push(name);
  }
  return { names, unseen };
}
