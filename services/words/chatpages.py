# Copyright the carryall authors.  See LICENSE.
"""The pages of the chat space: HTML of values that anybody may have chosen.

Every text goes through `escape`.  A page loads nothing from elsewhere.  Its policy allows one style
and one script by their hashes, and a WebSocket of this site (CSP Level 3 section 2.3.1).  All pages
work without the script.

Tests:    tests/services/words/test_chatsite.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
from base64 import b64encode

from carryall.core.codec.calendardates import civil
from carryall.core.codec.uri import percent_encode
from carryall.services.web.htmlpage import escape
from carryall.services.words.chatspace import EMOTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
    from carryall.services.words.chatspace import Group, Message, Participant

__all__ = ['chat_page', 'form', 'page', 'page_headers', 'path_of', 'table', 'transcript']

STATUSES = (u'offline', u'online', u'away')

# Colours have a contrast of 4.5 at least, in light and in dark (WCAG 2.2 section 1.4.3).
STYLE = u'''
:root { color-scheme: light dark; --text: #1b1f24; --back: #f6f8fa; --card: #ffffff;
  --quiet: #57606a; --link: #0a58b5; --line: #d0d7de; --mark: #eef2f7; --good: #116329; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --back: #0d1117; --card: #161b22;
  --quiet: #9da7b3; --link: #7ab7ff; --line: #30363d; --mark: #1f262e; --good: #56d364; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--back);
  font: 1rem/1.5 system-ui, sans-serif; }
header { background: var(--card); border-bottom: 1px solid var(--line); }
header > div, main { max-width: 64rem; margin: 0 auto; padding: 0.75rem 1rem; }
header > div { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: center; }
header strong { font-size: 1.125rem; margin-right: auto; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
a[aria-current] { color: var(--text); font-weight: 600; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
h1 { font-size: 1.5rem; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 0.5rem; }
section, .card { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
  padding: 1rem; margin: 0 0 1rem; }
label { display: block; margin: 0 0 0.75rem; }
input, textarea, select { display: block; width: 100%; max-width: 26rem; }
input, textarea, select, button { padding: 0.4rem 0.6rem; border: 1px solid var(--quiet);
  border-radius: 0.375rem; color: inherit; background: var(--card); font: inherit; }
button { background: var(--mark); cursor: pointer; }
button.first { background: var(--link); border-color: var(--link); color: var(--card); }
form.row { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0; }
form.row input { flex: 1 1 12rem; max-width: none; width: auto; }
form.inline { display: inline; }
.quiet { color: var(--quiet); }
.error { border-left: 4px solid #cf222e; padding-left: 0.75rem; }
.done { border-left: 4px solid var(--good); padding-left: 0.75rem; }
.online { color: var(--good); }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 0.35rem 0.5rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; vertical-align: top; }
main section > h2:first-child { margin-top: 0; }
.room { display: grid; grid-template-columns: minmax(0, 1fr) 13rem; gap: 1rem; }
#log { height: 26rem; overflow-y: auto; margin: 0 0 0.75rem; padding: 0; list-style: none; }
#log li { overflow-wrap: anywhere; white-space: pre-wrap; padding: 0.1rem 0; }
#log time { color: var(--quiet); font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
#log b { font-weight: 600; }
ul.plain { list-style: none; padding: 0; margin: 0; }
@media (max-width: 40rem) { .room { grid-template-columns: minmax(0, 1fr); }
  #log { height: 18rem; } }
'''

SCRIPT = u'''
(function () {
  'use strict';
  var log = document.getElementById('log');
  var say = document.getElementById('say');
  if (!log || !say || !window.WebSocket) { return; }
  var group = log.dataset.group;
  var members = document.getElementById('members');
  var topic = document.getElementById('topic');
  var state = document.getElementById('state');
  var last = Number(log.dataset.last) || 0;
  var text = say.elements.text;
  var number = 0;
  var waits = {};
  var pause = 1000;
  var socket;
  function two(value) { return (value < 10 ? '0' : '') + value; }
  function element(name, words) {
    var made = document.createElement(name);
    made.textContent = words;
    return made;
  }
  function show(message) {
    if (message.kind !== 'group' || message.place !== group || message.number <= last) { return; }
    last = message.number;
    var at = new Date(message.at * 1000);
    var line = document.createElement('li');
    var time = element('time', two(at.getHours()) + ':' + two(at.getMinutes()));
    time.dateTime = at.toISOString();
    line.appendChild(time);
    line.appendChild(document.createTextNode(message.style === 'emote' ? ' * ' : ' '));
    line.appendChild(element('b', message.sender));
    line.appendChild(document.createTextNode((message.style === 'emote' ? ' ' : ': ') +
      message.text));
    log.appendChild(line);
    log.scrollTop = log.scrollHeight;
  }
  function list(names) {
    members.textContent = '';
    names.forEach(function (name) { members.appendChild(element('li', name)); });
  }
  function names() {
    return Array.prototype.map.call(members.children, function (each) { return each.textContent; });
  }
  function send(asked) { socket.send(JSON.stringify(asked)); }
  function connect() {
    socket = new WebSocket(location.protocol.replace('http', 'ws') + '//' + location.host +
      '/socket');
    socket.onopen = function () {
      pause = 1000;
      state.textContent = 'live';
      send({'do': 'join', 'group': group});
      send({'do': 'history', 'group': group});
    };
    socket.onclose = function () {
      state.textContent = 'connection lost, trying again';
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, 30000);
    };
    socket.onmessage = function (event) {
      var told = JSON.parse(event.data);
      if (told.is === 'message') { show(told.message); }
      if (told.is === 'history') { told.messages.forEach(show); }
      if (told.is === 'done') { delete waits[told.id]; }
      if (told.is === 'refused') {
        state.textContent = told.text;
        if (waits[told.id] && !text.value) { text.value = waits[told.id]; }
        delete waits[told.id];
      }
      if (told.group !== group) { return; }
      if (told.is === 'members') { list(told.names); topic.textContent = told.topic; }
      if (told.is === 'joined') { list(names().concat([told.name])); }
      if (told.is === 'left') { list(names().filter(function (name) {
        return name !== told.name; })); }
      if (told.is === 'topic') { topic.textContent = told.text; }
    };
  }
  say.addEventListener('submit', function (event) {
    if (socket.readyState !== 1) { return; }
    event.preventDefault();
    var words = text.value;
    if (!words.trim()) { return; }
    var asked = {'do': 'say', 'group': group, 'text': words, 'id': ++number};
    if (words.slice(0, 4) === '/me ') { asked.text = words.slice(4); asked.style = 'emote'; }
    waits[number] = words;
    state.textContent = 'live';
    send(asked);
    text.value = '';
  });
  log.scrollTop = log.scrollHeight;
  connect();
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
<header><div><strong>%s</strong>
<nav aria-label="Pages">%s</nav>
</div></header>
<main>
%s</main>
%s</body>
</html>
'''


def _hash(text):
    # type: (str) -> bytes
    return b"'sha256-%s'" % b64encode(hashlib.sha256(text.encode('utf-8')).digest())


_POLICY = b'; '.join([b"default-src 'none'", b'style-src ' + _hash(STYLE),
                      b'script-src ' + _hash(SCRIPT), b"connect-src 'self'", b"form-action 'self'",
                      b"base-uri 'none'", b"frame-ancestors 'none'"])


def page_headers():
    # type: () -> List[Tuple[bytes, bytes]]
    """The header fields of a page."""
    return [(b'Content-Type', b'text/html; charset=utf-8'), (b'X-Content-Type-Options', b'nosniff'),
            (b'Referrer-Policy', b'same-origin'), (b'Cache-Control', b'no-store'),
            (b'Content-Security-Policy', _POLICY)]


def page(title, body, links, here=u'', name=u'Words', scripted=False):
    # type: (str, str, Sequence[Tuple[str, str]], str, str, bool) -> bytes
    """The octets of a page.

    Args:     body: HTML.
              links: (path, words) of the navigation; *here* is the path of this page.
    """
    shown = u'\n'.join(u'<a href="%s"%s>%s</a>' % (
        escape(path), u' aria-current="page"' if path == here else u'', escape(words))
        for path, words in links)
    script = u'<script>%s</script>\n' % SCRIPT if scripted else u''
    return (_PAGE % (escape(title), STYLE, escape(name), shown, body, script)).encode('utf-8')


def path_of(*parts):
    # type: (*str) -> str
    """The path of a URL with these names."""
    return u''.join(u'/' + percent_encode(part.encode('utf-8')).decode('ascii') for part in parts)


def form(action, token, fields, button, style=u'', first=False):
    # type: (str, str, str, str, str, bool) -> str
    """A form that is sent by POST.

    Args:     fields: HTML.
    """
    return (u'<form method="post" action="%s"%s>\n<input type="hidden" name="token" value="%s">\n'
            u'%s<button%s>%s</button>\n</form>\n'
            % (escape(action), u' class="%s"' % style if style else u'', escape(token), fields,
               u' class="first"' if first else u'', escape(button)))


def hidden(name, value):
    # type: (str, str) -> str
    """A field that is not shown."""
    return u'<input type="hidden" name="%s" value="%s">\n' % (escape(name), escape(value))


def table(heads, rows):
    # type: (Sequence[str], Sequence[Sequence[str]]) -> str
    """A table; the cells are HTML."""
    lines = [u'<table>\n<thead><tr>%s</tr></thead>\n<tbody>\n'
             % u''.join(u'<th scope="col">%s</th>' % escape(each) for each in heads)]
    for row in rows:
        lines.append(u'<tr>%s</tr>\n' % u''.join(u'<td>%s</td>' % each for each in row))
    return u''.join(lines) + u'</tbody>\n</table>\n'


def status_of(participant):
    # type: (Participant) -> str
    """The status in a word, and the reason of an absence."""
    word = STATUSES[participant.status]
    if participant.away:
        return u'%s: %s' % (word, escape(participant.away))
    return u'<span class="online">online</span>' if word == u'online' else word


def moment(at):
    # type: (float) -> str
    """A time in UTC."""
    year, month, day, hour, minute, _, _ = civil(at)
    words = u'%04d-%02d-%02d %02d:%02d' % (year, month, day, hour, minute)
    return u'<time datetime="%sZ">%s</time>' % (words.replace(u' ', u'T'), words)


def transcript(messages):
    # type: (Sequence[Message]) -> str
    """The lines of messages, as items of a list."""
    lines = []
    for each in messages:
        words = u' * <b>%s</b> %s' if each.style == EMOTE else u' <b>%s</b>: %s'
        lines.append(u'<li>%s%s</li>\n' % (moment(each.at), words % (escape(each.sender),
                                                                   escape(each.text))))
    return u''.join(lines)


def chat_page(group, messages, token, error=u''):
    # type: (Group, Sequence[Message], str, str) -> str
    """The body of the page of one group."""
    members = u''.join(u'<li>%s</li>\n' % escape(member.name) for member in group.members.values())
    last = messages[-1].number if messages else 0
    say = form(u'/chat', token, hidden(u'group', group.name)
               + u'<input name="text" aria-label="Message" autocomplete="off" autofocus '
                 u'maxlength="4000">\n', u'Send', u'row', True)
    say = say.replace(u'<form ', u'<form id="say" ', 1)
    return (u'<h1>%s</h1>\n<p class="quiet">Topic: <span id="topic">%s</span></p>\n%s'
            u'<div class="room">\n<section aria-label="Conversation">\n'
            u'<ul id="log" role="log" data-group="%s" data-last="%d">\n%s</ul>\n%s'
            u'<p class="quiet"><span id="state" role="status">not live; '
            u'<a href="%s">load new messages</a></span></p>\n</section>\n'
            u'<section aria-label="Members"><h2>Members</h2><ul class="plain" id="members">\n%s'
            u'</ul></section>\n</div>\n'
            % (escape(group.name), escape(group.topic), error, escape(group.name), last,
               transcript(messages), say, escape(u'/chat?group=' + path_of(group.name)[1:]),
               members))
