# Copyright the carryall authors.  See LICENSE.
"""The messages of a mail server for tests, for browsers and for programs.

    GET /                           a page with all messages
    GET /email                      the same as JSON
    GET /email/3                    message 3 as a page, or as JSON if that is preferred
    GET /email/3/text  /html        its first part of that kind
    GET /email/3/source             as it came
    GET /email/3/attachment/1       its first attachment, to be saved
    DELETE /email/3  /email/all     forget it, or all
    GET /healthz                    true

HTML of a message is shown in a sandbox: it can run nothing and load nothing (CSP Level 3).

Tests:    tests/services/testservers/test_mailpages.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.codec.numbers import decimal
from carryall.core.compat import text_type
from carryall.protocols.http import Response, Settings
from carryall.protocols.http.fields import format_disposition
from carryall.services.testservers.mailparts import attachments_of, parse, text_of
from carryall.services.web.errorpage import error_response, no_method, prefers_html
from carryall.services.web.htmlpage import escape, html_headers, page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Text

__all__ = ['PAGES', 'MailPages']

MAX_NUMBER = 10 ** 9        # of a message
SANDBOX = (b"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
           b"frame-ancestors 'self'")
JSON_HEADERS = [(b'Content-Type', b'application/json'), (b'X-Content-Type-Options', b'nosniff')]
TEXT_HEADERS = [(b'Content-Type', b'text/plain; charset=utf-8'),
                (b'X-Content-Type-Options', b'nosniff')]
HTML_HEADERS = [(b'Content-Type', b'text/html; charset=utf-8'),
                (b'X-Content-Type-Options', b'nosniff'), (b'Content-Security-Policy', SANDBOX)]

PAGES = Settings(methods=(b'GET', b'HEAD', b'DELETE'), error_response=error_response)


def _readable(value):
    # type: (Any) -> Text
    """A header field as text."""
    return value if isinstance(value, text_type) else bytes(value or b'').decode('utf-8', 'replace')


class MailPages(object):
    """The application.

    Args:     catcher: a MailCatcher: has ``kept``, the records of messages.
    """

    def __init__(self, catcher):
        # type: (Any) -> None
        self._catcher = catcher

    def __call__(self, request):
        # type: (Any) -> Response
        """The Response to *request*."""
        names = [name for name in request.path.split(b'/') if name]
        if names == [b'healthz']:
            return Response(200, JSON_HEADERS, b'true\n')
        if request.method == b'DELETE':
            return self._delete(request, names)
        if request.method not in (b'GET', b'HEAD'):
            return no_method(request, [b'GET', b'HEAD', b'DELETE'])
        if names in ([], [b'email']):
            return self._all(request, names)
        row = self._row(names)
        if row is None:
            return error_response(request, 404)
        return self._one(request, row, names[2:])

    def _row(self, names):
        # type: (List[bytes]) -> Optional[Dict[str, Any]]
        if len(names) < 2 or names[0] != b'email':
            return None
        number = decimal(names[1], MAX_NUMBER)
        for row in self._catcher.kept:
            if row['number'] == number:
                return row
        return None

    def _delete(self, request, names):
        # type: (Any, List[bytes]) -> Response
        kept = self._catcher.kept
        if names == [b'email', b'all']:
            del kept[:]
            return Response(204)
        row = self._row(names)
        if row is None or len(names) > 2:
            return error_response(request, 404)
        kept.remove(row)
        return Response(204)

    # -- what is shown -------------------------------------------------------------------------

    def _all(self, request, names):
        # type: (Any, List[bytes]) -> Response
        rows = self._catcher.kept
        if names or not prefers_html(request.headers.get(b'accept')):
            return _json([_told(row) for row in rows])
        items = []
        for row in rows:
            subject = _readable(parse(row['data'])['Subject']) or u'(no subject)'
            items.append(u'<li><a href="/email/%d">%s</a><br>%s to %s</li>\n' % (
                row['number'], escape(subject), escape(row['sender'] or u'(nobody)'),
                escape(u', '.join(row['recipients']))))
        count = u'%d message%s.' % (len(rows), u'' if len(rows) == 1 else u's')
        body = u'<main>\n<h1>Mail</h1>\n<p>%s</p>\n<ul class="list">\n%s</ul>\n</main>\n' % (
            count if rows else u'No message has come.', u''.join(items))
        return Response(200, html_headers(), page(u'Mail', body))

    def _one(self, request, row, rest):
        # type: (Any, Dict[str, Any], List[bytes]) -> Response
        parsed = parse(row['data'])
        if not rest:
            if prefers_html(request.headers.get(b'accept')):
                return _page_of(row, parsed)
            return _json(_told(row))
        if rest == [b'source']:
            return Response(200, TEXT_HEADERS, row['data'])
        if rest in ([b'text'], [b'html']):
            text = text_of(parsed, 'text/plain' if rest == [b'text'] else 'text/html')
            if text is None:
                return error_response(request, 404)
            return Response(200, TEXT_HEADERS if rest == [b'text'] else HTML_HEADERS,
                            text.encode('utf-8'))
        if len(rest) == 2 and rest[0] == b'attachment':
            found = attachments_of(parsed)
            number = decimal(rest[1], MAX_NUMBER)
            if number and number <= len(found):
                name, content = found[number - 1]
                return Response(200, [
                    (b'Content-Type', b'application/octet-stream'),
                    (b'X-Content-Type-Options', b'nosniff'),
                    (b'Content-Disposition', format_disposition(b'attachment', _readable(name)))],
                    content or b'')
        return error_response(request, 404)


def _page_of(row, parsed):
    # type: (Dict[str, Any], Any) -> Response
    here = u'/email/%d' % row['number']
    subject = _readable(parsed['Subject']) or u'(no subject)'
    links = [(here + u'/source', u'Source')]
    if text_of(parsed, 'text/html') is not None:
        links.append((here + u'/html', u'HTML'))
    for number, (name, _) in enumerate(attachments_of(parsed), 1):
        links.append((u'%s/attachment/%d' % (here, number), _readable(name)))
    body = (u'<nav aria-label="All messages"><a href="/">Mail</a></nav>\n<main>\n<h1>%s</h1>\n'
            u'<p>%s to %s</p>\n<ul class="list">\n%s</ul>\n<pre>%s</pre>\n</main>\n' % (
                escape(subject), escape(row['sender'] or u'(nobody)'),
                escape(u', '.join(row['recipients'])),
                u''.join(u'<li><a href="%s">%s</a></li>\n' % (target, escape(name))
                         for target, name in links),
                escape(text_of(parsed, 'text/plain') or u'')))
    return Response(200, html_headers(), page(subject, body))


def _told(row):
    # type: (Dict[str, Any]) -> Dict[str, Any]
    """A message for JSON."""
    parsed = parse(row['data'])
    return {'id': row['number'], 'from': row['sender'], 'to': row['recipients'],
            'subject': _readable(parsed['Subject']), 'text': text_of(parsed, 'text/plain'),
            'html': text_of(parsed, 'text/html'), 'size': len(row['data']), 'user': row['user'],
            'tls': row['tls'],
            'headers': [[_readable(name), _readable(value)] for name, value in parsed.items()],
            'attachments': [{'name': _readable(name), 'size': len(content or b'')}
                            for name, content in attachments_of(parsed)]}


def _json(value):
    # type: (Any) -> Response
    return Response(200, JSON_HEADERS, json.dumps(value, sort_keys=True).encode('ascii') + b'\n')
