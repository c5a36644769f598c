# Copyright the carryall authors.  See LICENSE.
"""Filters and rules of the tracker.

    PythonOutputFilter trackerfilters::footer FOOTER
    PythonInputFilter trackerfilters::upper UPPER
    PythonAuthenHandler trackerfilters
    PythonAuthzHandler trackerfilters
    PythonFixupHandler trackerfilters
    PythonLogHandler trackerfilters
"""
from mod_python import apache

GROUPS = {'staff': ('anna', 'admin')}
PASSWORDS = {'anna': 'open', 'bert': 'sesame', 'admin': 'secret'}
lines = []


def footer(filter):
    """Adds a line behind a page."""
    data = filter.read()
    while data:
        filter.write(data.replace(b'</body>', b'<hr></body>'))
        data = filter.read()
    if data is None:
        filter.write(b'<!-- the tracker -->')
        filter.close()


def upper(filter):
    """Makes what a client sends upper case."""
    data = filter.read()
    while data:
        filter.write(data.upper())
        data = filter.read()
    if data is None:
        filter.close()


def echo(req):
    """Gives the body back."""
    req.content_type = 'text/html'
    data = req.read().decode('ascii')
    req.write('<body>%s</body>' % data)
    return apache.OK


def authenhandler(req):
    """Checks a password."""
    password = req.get_basic_auth_pw()
    if PASSWORDS.get(req.user) != password or password is None:
        return apache.HTTP_UNAUTHORIZED
    return apache.OK


def authzhandler(req):
    """Lets the staff in."""
    group = req.get_options().get('tracker.group', 'none')
    return apache.OK if req.user in GROUPS.get(group, ()) else apache.HTTP_FORBIDDEN


def fixuphandler(req):
    """Notes what will be served."""
    req.notes['kind'] = 'staff'
    return apache.OK


def staff(req):
    """A page for the staff."""
    req.content_type = 'text/plain'
    req.write('%s, %s' % (req.user, req.notes.get('kind', 'none')))
    return apache.OK


def loghandler(req):
    """Counts the responses."""
    lines.append((req.status, req.uri))
    return apache.OK
