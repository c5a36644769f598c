# Copyright the carryall authors.  See LICENSE.
"""The registries of HTTP that we need at run time: methods, status codes, field names (RFC 9110
sections 9, 15, 18).

Tests:    tests/protocols/http/fields/test_tables.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['ALLOWED_METHODS', 'BODILESS', 'HTTP_0_9', 'HTTP_1_0', 'HTTP_1_1', 'METHODS', 'REASONS',
           'SAFE_METHODS', 'VERSIONS',
           'status_line']

# -- versions ----------------------------------------------------------------
HTTP_0_9 = (0, 9)
HTTP_1_0 = (1, 0)
HTTP_1_1 = (1, 1)

# HTTP-version as written in a start line -> the pair; any other well-formed version is answered
# with 505.
VERSIONS = {b'HTTP/1.1': HTTP_1_1, b'HTTP/1.0': HTTP_1_0}

# -- methods -----------------------------------------------------------------
# The IANA "HTTP Method Registry".  A method that is not here is 501 (RFC 9110 section 9.1); one
# that is here and that the site does not allow is 405.  Methods are case-sensitive.
METHODS = frozenset((
    b'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK '
    b'MERGE MKACTIVITY '
    b'MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND '
    b'PROPPATCH PUT QUERY '
    b'REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF '
    b'VERSION-CONTROL').split())

# The methods that a site allows by default.  Not CONNECT, which is for proxies, and not TRACE,
# which would echo the credentials of a request to scripts (RFC 9110 section 9.3.8).
ALLOWED_METHODS = (b'GET', b'HEAD', b'POST', b'PUT', b'DELETE', b'OPTIONS', b'PATCH')

SAFE_METHODS = frozenset((b'GET', b'HEAD', b'OPTIONS', b'TRACE'))       # RFC 9110 section 9.2.1

# -- status codes ------------------------------------------------------------
# The IANA "HTTP Status Code Registry".
# Statuses without a body; RFC 9110 sections 15.3.5, 15.3.6, 15.4.5
BODILESS = frozenset((204, 205, 304))

REASONS = {
    100: b'Continue', 101: b'Switching Protocols', 102: b'Processing', 103: b'Early Hints',
    200: b'OK', 201: b'Created', 202: b'Accepted', 203: b'Non-Authoritative Information',
    204: b'No Content',
    205: b'Reset Content', 206: b'Partial Content', 207: b'Multi-Status', 208: b'Already Reported',
    226: b'IM Used',
    300: b'Multiple Choices', 301: b'Moved Permanently', 302: b'Found', 303: b'See Other',
    304: b'Not Modified',
    305: b'Use Proxy', 307: b'Temporary Redirect', 308: b'Permanent Redirect',
    400: b'Bad Request', 401: b'Unauthorized', 402: b'Payment Required', 403: b'Forbidden',
    404: b'Not Found',
    405: b'Method Not Allowed', 406: b'Not Acceptable', 407: b'Proxy Authentication Required',
    408: b'Request Timeout',
    409: b'Conflict', 410: b'Gone', 411: b'Length Required', 412: b'Precondition Failed',
    413: b'Content Too Large',
    414: b'URI Too Long', 415: b'Unsupported Media Type', 416: b'Range Not Satisfiable',
    417: b'Expectation Failed',
    421: b'Misdirected Request', 422: b'Unprocessable Content', 423: b'Locked',
    424: b'Failed Dependency',
    425: b'Too Early', 426: b'Upgrade Required', 428: b'Precondition Required',
    429: b'Too Many Requests',
    431: b'Request Header Fields Too Large', 451: b'Unavailable For Legal Reasons',
    500: b'Internal Server Error', 501: b'Not Implemented', 502: b'Bad Gateway',
    503: b'Service Unavailable',
    504: b'Gateway Timeout', 505: b'HTTP Version Not Supported', 506: b'Variant Also Negotiates',
    507: b'Insufficient Storage', 508: b'Loop Detected', 511: b'Network Authentication Required',
}


def status_line(status):
    # type: (int) -> bytes
    """``status-line CRLF`` of a response of ours (RFC 9112 section 4).

    The version is always our own, HTTP/1.1, for any version of the request (RFC 9110 section 2.5).
    The blank after the code stays if the reason phrase is missing.
    """
    return b'HTTP/1.1 %d %s\r\n' % (status, REASONS.get(status, b''))
