# Copyright the carryall authors.  See LICENSE.
"""Constants of the module ``mod_python.apache``, and the reasons of statuses.

Sources:  RFC 9110 section 15, RFC 4918 section 11, the numbers of Apache's methods and log levels.
Tests:    tests/services/modpython/test_apachemodule.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['CONSTANTS', 'DECLINED', 'DONE', 'METHODS', 'MPM', 'OK', 'STATUSES']

OK = 0                      # a handler has done its work
DECLINED = -1               # and this one left it to others
DONE = -2                   # the whole request is served

# status -> (name behind HTTP_, reason phrase)
STATUSES = {
    100: ('CONTINUE', 'Continue'), 101: ('SWITCHING_PROTOCOLS', 'Switching Protocols'),
    102: ('PROCESSING', 'Processing'),
    200: ('OK', 'OK'), 201: ('CREATED', 'Created'), 202: ('ACCEPTED', 'Accepted'),
    203: ('NON_AUTHORITATIVE', 'Non-Authoritative Information'),
    204: ('NO_CONTENT', 'No Content'), 205: ('RESET_CONTENT', 'Reset Content'),
    206: ('PARTIAL_CONTENT', 'Partial Content'), 207: ('MULTI_STATUS', 'Multi-Status'),
    300: ('MULTIPLE_CHOICES', 'Multiple Choices'),
    301: ('MOVED_PERMANENTLY', 'Moved Permanently'), 302: ('MOVED_TEMPORARILY', 'Found'),
    303: ('SEE_OTHER', 'See Other'), 304: ('NOT_MODIFIED', 'Not Modified'),
    305: ('USE_PROXY', 'Use Proxy'), 307: ('TEMPORARY_REDIRECT', 'Temporary Redirect'),
    400: ('BAD_REQUEST', 'Bad Request'), 401: ('UNAUTHORIZED', 'Unauthorized'),
    402: ('PAYMENT_REQUIRED', 'Payment Required'), 403: ('FORBIDDEN', 'Forbidden'),
    404: ('NOT_FOUND', 'Not Found'), 405: ('METHOD_NOT_ALLOWED', 'Method Not Allowed'),
    406: ('NOT_ACCEPTABLE', 'Not Acceptable'),
    407: ('PROXY_AUTHENTICATION_REQUIRED', 'Proxy Authentication Required'),
    408: ('REQUEST_TIME_OUT', 'Request Timeout'), 409: ('CONFLICT', 'Conflict'),
    410: ('GONE', 'Gone'), 411: ('LENGTH_REQUIRED', 'Length Required'),
    412: ('PRECONDITION_FAILED', 'Precondition Failed'),
    413: ('REQUEST_ENTITY_TOO_LARGE', 'Request Entity Too Large'),
    414: ('REQUEST_URI_TOO_LARGE', 'Request-URI Too Long'),
    415: ('UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type'),
    416: ('RANGE_NOT_SATISFIABLE', 'Requested Range Not Satisfiable'),
    417: ('EXPECTATION_FAILED', 'Expectation Failed'),
    422: ('UNPROCESSABLE_ENTITY', 'Unprocessable Entity'), 423: ('LOCKED', 'Locked'),
    424: ('FAILED_DEPENDENCY', 'Failed Dependency'),
    426: ('UPGRADE_REQUIRED', 'Upgrade Required'),
    500: ('INTERNAL_SERVER_ERROR', 'Internal Server Error'),
    501: ('NOT_IMPLEMENTED', 'Not Implemented'), 502: ('BAD_GATEWAY', 'Bad Gateway'),
    503: ('SERVICE_UNAVAILABLE', 'Service Unavailable'),
    504: ('GATEWAY_TIME_OUT', 'Gateway Timeout'),
    505: ('VERSION_NOT_SUPPORTED', 'HTTP Version Not Supported'),
    506: ('VARIANT_ALSO_VARIES', 'Variant Also Negotiates'),
    507: ('INSUFFICIENT_STORAGE', 'Insufficient Storage'), 510: ('NOT_EXTENDED', 'Not Extended'),
}

# Apache's numbers of the methods
METHODS = {
    'GET': 0, 'HEAD': 0, 'PUT': 1, 'POST': 2, 'DELETE': 3, 'CONNECT': 4, 'OPTIONS': 5, 'TRACE': 6,
    'PATCH': 7, 'PROPFIND': 8, 'PROPPATCH': 9, 'MKCOL': 10, 'COPY': 11, 'MOVE': 12, 'LOCK': 13,
    'UNLOCK': 14, 'INVALID': 26,
}

LOG_LEVELS = ('EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG')

CONSTANTS = {
    'OK': OK, 'DECLINED': DECLINED, 'DONE': DONE,
    'REMOTE_HOST': 0, 'REMOTE_NAME': 1, 'REMOTE_NOLOOKUP': 2, 'REMOTE_DOUBLE_REV': 3,
    'REQUEST_NO_BODY': 0, 'REQUEST_CHUNKED_ERROR': 1, 'REQUEST_CHUNKED_DECHUNK': 2,
    'REQUEST_CHUNKED_PASS': 3,
    'HTTP_ASSUMED_STATUS': 200, 'APLOG_NOERRNO': 8,
    'REQ_PROCEED': OK, 'REQ_NOACTION': DECLINED, 'REQ_ABORTED': 500, 'REQ_EXIT': 'REQ_EXIT',
    'HTTP_IM_A_TEAPOT': 418,
    'AP_CONN_UNKNOWN': 0, 'AP_CONN_CLOSE': 1, 'AP_CONN_KEEPALIVE': 2,
    'CGI_MAGIC_TYPE': 'application/x-httpd-cgi', 'DIR_MAGIC_TYPE': 'httpd/unix-directory',
    'INCLUDES_MAGIC_TYPE': 'text/x-server-parsed-html',
    'INCLUDES_MAGIC_TYPE3': 'text/x-server-parsed-html3',
    'APR_NOFILE': 0, 'APR_REG': 1, 'APR_DIR': 2, 'APR_CHR': 3, 'APR_BLK': 4, 'APR_PIPE': 5,
    'APR_LNK': 6, 'APR_SOCK': 7, 'APR_UNKFILE': 127,
}

# Names that count from 0, each behind its prefix
COUNTED = (
    ('AP_REQ_', 'ACCEPT_PATH_INFO REJECT_PATH_INFO DEFAULT_PATH_INFO'),
    ('PROXYREQ_', 'NONE PROXY REVERSE RESPONSE'),
    ('URI_', 'SCHEME HOSTINFO USER PASSWORD HOSTNAME PORT PATH QUERY FRAGMENT'),
    ('FINFO_', 'MODE INO DEV NLINK UID GID SIZE ATIME MTIME CTIME FNAME NAME FILETYPE'),
    ('AP_MPMQ_', 'NOT_SUPPORTED MAX_DAEMON_USED IS_THREADED IS_FORKED HARD_LIMIT_DAEMONS '
     'HARD_LIMIT_THREADS MAX_THREADS MIN_SPARE_DAEMONS MIN_SPARE_THREADS MAX_SPARE_DAEMONS '
     'MAX_SPARE_THREADS MAX_REQUESTS_DAEMON MAX_DAEMONS'),
)
for _prefix, _names in COUNTED:
    CONSTANTS.update((_prefix + _name, _number) for _number, _name in enumerate(_names.split()))
CONSTANTS.update(AP_MPMQ_STATIC=1, AP_MPMQ_DYNAMIC=2)
# What mpm_query answers: one process with threads
MPM = {CONSTANTS['AP_MPMQ_MAX_DAEMON_USED']: 1, CONSTANTS['AP_MPMQ_IS_THREADED']: 1,
       CONSTANTS['AP_MPMQ_MAX_DAEMONS']: 1}
CONSTANTS.update(('HTTP_' + name, status) for status, (name, _) in STATUSES.items())
CONSTANTS.update(('M_' + name, number) for name, number in METHODS.items() if name != 'HEAD')
CONSTANTS.update(('APLOG_' + name, number) for number, name in enumerate(LOG_LEVELS))
