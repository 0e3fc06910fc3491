/** A page's style: charts' classes and the layout of a quiet, dense page, on screen and on paper. */
import { chartStyle, typeface } from './palette.ts';

export const pageStyle = `${chartStyle}
*{box-sizing:border-box}
html{scroll-behavior:auto}
body{margin:0;background:var(--surface);color:var(--text);font:13px/1.5 ${typeface};font-variant-numeric:tabular-nums}
main,header,footer{max-width:1176px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:20px;line-height:1.3;font-weight:650;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:15px;line-height:1.3;font-weight:650;margin:0 0 4px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:13px;font-weight:650;margin:20px 0 4px}
p{margin:0 0 8px;max-width:76ch}
section{margin-top:32px}
.meta,.quiet,.note,figcaption{color:var(--quiet)}
.meta{margin:0 0 16px;max-width:none;overflow-wrap:anywhere}
.note{max-width:90ch}
.lead{margin:0;padding:0;list-style:none;max-width:100ch}
.lead li{margin:0 0 6px;font-size:14px}
.lead li:first-child{font-weight:600}
nav{margin:16px 0 0}
nav ul,.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0;padding:0;list-style:none}
a{color:var(--accent);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.legend{margin:8px 0 14px;font-size:12px}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{flex:none}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:20px 28px;align-items:start}
figure{margin:0;min-width:0}
figure svg{display:block;white-space:pre;max-width:100%;height:auto;overflow:visible}
.wide{overflow-x:auto}
.wide svg{max-width:none}
details{margin-top:8px}
summary{cursor:pointer;color:var(--quiet);font-size:12px;width:max-content;max-width:100%}
details[open]>summary{margin-bottom:6px}
.table{margin:8px 0}
.scroll{overflow-x:auto;max-width:100%;margin:4px 0}
table{border-collapse:collapse;font-size:12px;line-height:1.4}
figcaption{font-size:12px;max-width:110ch}
th,td{text-align:right;padding:3px 10px;white-space:nowrap;font-weight:400;vertical-align:baseline}
th:first-child,td:first-child{padding-left:0}
tr>:last-child{padding-right:2px}
tbody tr{border-top:1px solid var(--rule)}
thead th{color:var(--quiet);vertical-align:bottom;padding-bottom:4px}
thead tr:first-child th.begins{color:var(--text);font-weight:600}
tbody th{font-weight:500;position:sticky;left:0;background:var(--surface)}
tr.total{border-top:1px solid var(--axis)}
tr.total th,.strong{font-weight:650}
.words{text-align:left}
tbody th.words{white-space:normal;min-width:9em;max-width:24em;overflow-wrap:anywhere}
td.prose{white-space:normal;min-width:24em;max-width:48em;overflow-wrap:anywhere}
td svg{display:inline-block;vertical-align:-3px}
.ballot{display:inline-block;margin-right:14px}
th.begins[colspan]{text-align:left}
.begins{border-left:1px solid var(--rule)}
.example{padding:12px 0;border-top:1px solid var(--rule);display:grid;grid-template-columns:minmax(0,5fr) minmax(0,4fr);gap:4px 28px}
.example h4{grid-column:1/-1;margin:0;font-size:12px;font-weight:400;color:var(--quiet)}
.example h4 code{color:var(--text)}
.input{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
dl{margin:0;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 14px;align-content:start}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
dd bdi{unicode-bidi:isolate}
.facts{grid-template-columns:minmax(9em,max-content) minmax(0,1fr)}
code,.code{font-family:ui-monospace,"Cascadia Mono","SF Mono",Menlo,"Liberation Mono",monospace;font-size:12px}
.right{color:var(--ensemble-ink)}
.wrong{color:var(--prompt-tuning-ink)}
svg .right,svg .wrong{color:inherit}
footer{margin-top:40px;padding-bottom:40px;color:var(--quiet);font-size:12px}
.patterns{position:absolute;width:0;height:0}
@media (max-width:720px){main,header,footer{padding:0 16px}header{padding-top:20px}.example{grid-template-columns:minmax(0,1fr)}td.prose{min-width:16em}}
@media print{body{font-size:10pt}main,header,footer{max-width:none;padding:0}nav,summary{display:none}section{margin-top:18pt}figure,.example,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll,.wide{overflow:visible}.panels{grid-template-columns:repeat(2,1fr)}a{color:inherit;text-decoration:none}}
`;
