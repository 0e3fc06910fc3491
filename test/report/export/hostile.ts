/** Texts that break careless exporters. */
import * as fc from 'fast-check';

export const hostileTexts = [
  '\\input{/etc/passwd}', '\\write18{id}', '100 % sure # not_that $x^2$ & ~more', '}\\end{tabular}{', '\\\\[5cm]', '*starred', '[optional]', '--', '---', '``quoted\'\'', ',,',
  '?`!`', '"a', '<b>|</b>', 'ÿ ß Ðþ « » ŋ', 'Привет 中文 🙂 é', 'a\nb\r\nc\td', '\u0000\u0007\u202E', '\uD800', '^^M^^5cinput', '=cmd|\' /C calc\'!A0', '+1+1', '-2+3', '@SUM(A1)',
  ' =1', '\t=1', '\uFF1D1', 'x;=1', '"quoted"', 'a,b', '', '| pipe |', '`code`', '**bold** _it_ ~~no~~', '<script>alert(1)</script>', '[x](javascript:alert(1))', '![x](http://e.org/y.png)',
  'http://example.org www.example.org', '&amp; &lt;', '\\', '\\|', '$a$', '# head', '±−–',
] as const;

export const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: fc.constantFrom(...'\\{}$&#_%^~<>|"`\'-,*[]()!:=+@.;\n\r\t ab1é中'), maxLength: 12 }),
);
