# Copyright the carryall authors.  See LICENSE.
"""Errors as a page for browsers, and as one line of text for all other clients.

A client gets the page if its Accept names HTML and prefers nothing else that there is (RFC 9110
section 12.5.1).  ``*/*`` alone, which programs send, means the line.  A page tells the status and
nothing of the request.

Tests:    tests/services/web/test_errorpage.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http import plain_response
from carryall.protocols.http.fields import REASONS, parse_parameters, parse_weight, split_list
from carryall.services.web.htmlpage import escape, html_headers, page

__all__ = ['MAX_ACCEPT', 'PAGE_FIELDS', 'error_response', 'no_method', 'prefers_html', 'weights_of']

MAX_ACCEPT = 64             # members of an Accept that are examined

# The fields of a response that are about its page alone
PAGE_FIELDS = (b'Content-Security-Policy', b'Referrer-Policy', b'Vary')

# What a visitor can do about a status, or why it is so.
ADVICE = {
    400: u'The server does not understand this request.',
    401: u'This page is for those who have logged in.',
    403: u'You may not see this page.',
    404: u'There is no such page here.  The address may be misspelled, or the page has moved.',
    405: u'This page does not take requests of this kind.',
    406: u'This page is not available in a form that your browser accepts.',
    412: u'The page has changed since you asked for it.',
    413: u'What you sent is too large.',
    415: u'What you sent is of a kind that is not accepted here.',
    416: u'The page has no such part.',
    421: u'This server is not the one for this address.',
    429: u'There were too many requests from your address.  Try again later.',
    500: u'The server has made a mistake.  Try again later.',
    501: u'The server does not know requests of this kind.',
    502: u'The server behind this one gave no proper answer.  Try again later.',
    503: u'The server is too busy to answer.  Try again later.',
    504: u'The server behind this one did not answer in time.  Try again later.',
}

_pages = {}                 # type: Dict[int, bytes]


def weights_of(accept):
    # type: (bytes) -> Dict[bytes, int]
    """media range -> weight from 0 to 1000, of an Accept; members that are malformed are left
    out."""
    weights = {}                # type: Dict[bytes, int]
    for member in split_list(accept, maximum=MAX_ACCEPT) or ():
        parsed = parse_parameters(member)
        if parsed is not None:
            given = [parse_weight(value) for name, value in parsed[1] if name == b'q']
            weights[parsed[0].lower()] = (given[0] or 0) if given else 1000
    return weights


def prefers_html(accept):
    # type: (Optional[bytes]) -> bool
    """True if HTML is named, and no less wanted than plain text and JSON."""
    if not accept or b'html' not in accept.lower():
        return False
    weights = weights_of(accept)
    html = weights.get(b'text/html', 0)
    others = [weights.get(kind, 0) for kind in (b'text/plain', b'application/json')]
    return html > 0 and html >= max(others)


def error_response(request, status, headers=()):
    # type: (Any, int, Iterable[Tuple[bytes, bytes]]) -> Response
    """The response to *request* with an error *status*.

    Args:     headers: further fields.
    """
    response = plain_response(status, headers)
    fields = response.headers
    fields.add(b'Vary', b'Accept')
    if prefers_html(request.headers.get(b'accept')):
        for name, value in html_headers():
            fields.set(name, value)
        response.body = _page(status)
    return response


def no_method(request, methods):
    # type: (Any, Iterable[bytes]) -> Response
    """405 with the *methods* that would be allowed (RFC 9110 section 15.5.6)."""
    return error_response(request, 405, [(b'Allow', b', '.join(methods))])


def _page(status):
    # type: (int) -> bytes
    """The page for *status*; made once."""
    if status not in _pages:
        _pages[status] = _made(status)
    return _pages[status]


def _made(status):
    # type: (int) -> bytes
    title = u'%d %s' % (status, REASONS.get(status, b'').decode('ascii'))
    advice = ADVICE.get(status)
    text = u'' if advice is None else u'<p>%s</p>\n' % escape(advice)
    return page(title, u'<main>\n<h1>%s</h1>\n%s<p><a href="/">Go to the first page of this site'
                       u'</a></p>\n</main>\n' % (escape(title), text))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional, Tuple
    from carryall.protocols.http import Response
