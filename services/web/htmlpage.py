# Copyright the carryall authors.  See LICENSE.
"""The frame of the pages that the web servers make themselves: listings, errors, lists of users.

A page loads nothing and sends nothing elsewhere.  Its policy allows one style, and one script if
it has one, by their hashes (CSP Level 3 section 2.3.1).  So a name that got into a page unescaped
could still not run.  All colours have a contrast of 4.5 at least, in light and in dark (WCAG 2.2
section 1.4.3).

Tests:    tests/services/web/test_htmlpage.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
from base64 import b64encode

__all__ = ['SCRIPT', 'STYLE', 'escape', 'html_headers', 'page']

# Narrow screens have no room for three columns: size and time stand below the name there.
STYLE = u'''
:root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --quiet: #57606a;
  --link: #0a58b5; --line: #d0d7de; --mark: #eef2f7; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #12161b; --quiet: #9da7b3;
  --link: #7ab7ff; --line: #30363d; --mark: #1f262e; } }
body { margin: 0 auto; padding: 1rem; max-width: 64rem; color: var(--text);
  background: var(--back); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 2px solid var(--link);
  outline-offset: -2px; }
h1 { margin: 0.5rem 0; font-size: 1.5rem; overflow-wrap: anywhere; }
nav ol { display: flex; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
nav li { max-width: 100%; overflow-wrap: anywhere; }
nav li + li::before { content: "\\203a"; margin: 0 0.5rem; color: var(--quiet); }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
input, button { min-width: 0; padding: 0.25rem 0.5rem; border: 1px solid var(--quiet);
  border-radius: 0.25rem; color: inherit; background: var(--back); font: inherit; }
input { flex: 1 1 8rem; max-width: 24rem; }
button { background: var(--mark); }
p { color: var(--quiet); overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0; }
thead tr { border-bottom: 1px solid var(--quiet); }
thead th { text-align: left; white-space: nowrap; }
thead a, tbody a, .list a { display: inline-block; padding: 0.25rem 0; }
tbody tr, .list li { border-bottom: 1px solid var(--line); }
tbody tr:hover { background: var(--mark); }
tbody th { width: 100%; max-width: 0; font-weight: normal; text-align: left; }
tbody a { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
th:nth-child(2), td:nth-child(2) { padding: 0 1.5rem; text-align: right; }
.list { padding: 0; list-style: none; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
@media (max-width: 36rem) {
  table, thead, tbody { display: block; }
  thead tr, tbody tr { display: flex; flex-wrap: wrap; column-gap: 1rem;
    align-items: baseline; }
  tbody th { max-width: 100%; flex-basis: 100%; }
  th:nth-child(2), td:nth-child(2) { padding: 0; }
  td { padding-bottom: 0.25rem; color: var(--quiet); }
  td:empty { display: none; }
}
'''

# Times become those of the viewer's zone, and the filter acts while one types.
SCRIPT = u'''
(function () {
  'use strict';
  function two(number) { return (number < 10 ? '0' : '') + number; }
  var times = document.getElementsByTagName('time');
  for (var i = 0; i < times.length; i++) {
    var at = new Date(times[i].dateTime);
    if (!isNaN(at)) {
      times[i].textContent = ('000' + at.getFullYear()).slice(-4) + '-' + two(at.getMonth() + 1) +
        '-' + two(at.getDate()) + ' ' + two(at.getHours()) + ':' + two(at.getMinutes());
    }
  }
  var zone = document.getElementById('zone');
  if (zone) { zone.textContent = 'local time'; }
  var input = document.getElementById('filter');
  var table = document.querySelector('tbody');
  var count = document.getElementById('count');
  if (!input || !table) { return; }
  var told = count.textContent;
  var served = input.value;
  input.addEventListener('input', function () {
    var wanted = input.value.toLowerCase();
    var rows = table.rows;
    var shown = 0;
    var all = 0;
    for (var i = 0; i < rows.length; i++) {
      if (rows[i].className === 'up') { continue; }
      all++;
      rows[i].hidden = rows[i].cells[0].textContent.toLowerCase().indexOf(wanted) < 0;
      if (!rows[i].hidden) { shown++; }
    }
    count.textContent = input.value === served ? told : shown + ' of ' + all + ' shown';
  });
})();
'''

_PAGE = u'''<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
%s%s</body>
</html>
'''


def _source(text):
    # type: (Text) -> bytes
    """The hash of a style or a script as a source of a policy."""
    return b"'sha256-%s'" % b64encode(hashlib.sha256(text.encode('utf-8')).digest())


_POLICY = b'; '.join([b"default-src 'none'", b'style-src ' + _source(STYLE), b'%sform-action %s',
                      b"base-uri 'none'", b"frame-ancestors 'self'"])
_SILENT = _POLICY % (b'', b"'none'")
_ASKING = _POLICY % (b'', b"'self'")
_SCRIPTED = _POLICY % (b'script-src %s; ' % _source(SCRIPT), b"'self'")

_ENTITIES = ((u'&', u'&amp;'), (u'<', u'&lt;'), (u'>', u'&gt;'), (u'"', u'&quot;'),
             (u"'", u'&#x27;'))


def escape(text):
    # type: (Text) -> Text
    """*text* escaped for HTML, between tags or in a quoted attribute."""
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return text


def html_headers(scripted=False, forms=False):
    # type: (bool, bool) -> List[Tuple[bytes, bytes]]
    """The header fields of a page.

    Args:     scripted: True if the page has the script, and a form that asks this server.
              forms: True if it has such a form, and no script.
    """
    policy = _ASKING if forms else _SILENT
    return [(b'Content-Type', b'text/html; charset=utf-8'),
            (b'X-Content-Type-Options', b'nosniff'),
            (b'Referrer-Policy', b'same-origin'),
            (b'Content-Security-Policy', _SCRIPTED if scripted else policy)]


def page(title, body, scripted=False):
    # type: (Text, Text, bool) -> bytes
    """The octets of a page.

    Args:     title: plain text.
              body: HTML, with a line end.
              scripted: True to add the script.
    """
    script = u'<script>%s</script>\n' % SCRIPT if scripted else u''
    return (_PAGE % (escape(title), STYLE, body, script)).encode('utf-8')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Text, Tuple
