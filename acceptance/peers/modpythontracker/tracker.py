# Copyright the carryall authors.  See LICENSE.
"""A tracker of tickets for the publisher of mod_python: log-ins, forms, a report, a feed, an API.

    SetHandler mod_python
    PythonHandler mod_python.publisher
    PythonOption tracker.name "the tracker"

    /tracker/tickets        all tickets         /tracker/show?id=1      one
    /tracker/new            a new one           /tracker/comment        a comment
    /tracker/admin/close    closes one          /tracker/api/ticket     JSON
    /tracker/report/open    a report            /tracker/feed           RSS
"""
import json

from mod_python import Cookie, apache, psp, util

STATES = ('new', 'open', 'closed')
PASSWORDS = {'anna': 'open', 'bert': 'sesame', 'admin': 'secret'}
OWNERS = ['anna', 'bert', 'admin']
MAX_SUMMARY = 200

_tickets = []
_log = []

version = '1.0'
limits = 'at most %d characters' % MAX_SUMMARY
nothing = None


class Ticket(object):
    """One ticket."""

    def __init__(self, number, summary, owner, kind):
        self.number = number
        self.summary = summary
        self.owner = owner
        self.kind = kind
        self.state = 'new'
        self.comments = []
        self.files = {}

    def facts(self):
        """The ticket as a dict."""
        return {'id': self.number, 'summary': self.summary, 'owner': self.owner,
                'kind': self.kind, 'state': self.state, 'comments': len(self.comments),
                'files': sorted(self.files)}


def _find(number):
    """The ticket with that number, which a client wrote."""
    if not str(number).isdigit() or not 1 <= int(number) <= len(_tickets):
        raise apache.SERVER_RETURN(apache.HTTP_NOT_FOUND)
    return _tickets[int(number) - 1]


def _only_post(req):
    """Ends a handler for other methods."""
    if req.method != 'POST':
        req.allow_methods(['POST'])
        raise apache.SERVER_RETURN(apache.HTTP_METHOD_NOT_ALLOWED)


def _escape(text):
    return str(text).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')


def _page(req, title, body):
    """A page around *body*."""
    req.content_type = 'text/html'
    name = req.get_options().get('tracker.name', 'tracker')
    return '<html><head><title>%s: %s</title></head><body>%s</body></html>' % (
        _escape(name), _escape(title), body)


def index(req):
    """The first page."""
    return _page(req, 'start', '<p>%d tickets, version %s</p>' % (len(_tickets), version))


def reset(req):
    """Begins again with the first tickets."""
    _begin()
    return 'reset'


def _begin():
    del _tickets[:]
    del _log[:]
    for number, (summary, owner, kind) in enumerate((
            ('The first <ticket>', 'anna', 'defect'), ('Another & more', 'bert', 'task'),
            ('A third', 'anna', 'task')), 1):
        _tickets.append(Ticket(number, summary, owner, kind))


def tickets(req, state=None, owner=None, sort='id'):
    """All tickets, or those in a state, or of an owner."""
    found = [one for one in _tickets
             if state in (None, one.state) and owner in (None, one.owner)]
    if sort == 'summary':
        found.sort(key=lambda one: one.summary)
    elif sort != 'id':
        raise apache.SERVER_RETURN(apache.HTTP_BAD_REQUEST)
    rows = ''.join('<tr><td>%d</td><td>%s</td><td>%s</td></tr>' % (
        one.number, _escape(one.summary), one.state) for one in found)
    return _page(req, 'tickets', '<table>%s</table>' % rows)


def show(req, id):
    """One ticket with its comments."""
    one = _find(id)
    source = ('<h1><%= one.number %></h1><p><%= escape(one.summary) %></p>\n<ul>\n'
              '<%\nfor who, text in one.comments:\n%><li><%= who %>: <%= escape(text) %></li>\n'
              '<%\n# the end\n%></ul>\n')
    req.content_type = 'text/html'
    return psp.PSP(req, string=source, vars={'one': one, 'escape': _escape})


def plain(req, id):
    """One ticket as text."""
    one = _find(id)
    lines = ['%d' % one.number, one.summary, one.owner, one.kind, one.state]
    lines += ['%s: %s' % pair for pair in one.comments]
    return '\n'.join(lines)


def new(req, summary='', kind='defect', cc=()):
    """A new ticket; several of cc are told."""
    def __auth__(req, user, password):
        return PASSWORDS.get(user) == password
    __auth_realm__ = 'tickets'
    _only_post(req)
    if not summary or len(summary) > MAX_SUMMARY or kind not in ('defect', 'task'):
        req.status = apache.HTTP_BAD_REQUEST
        return 'a ticket needs a summary, ' + limits
    one = Ticket(len(_tickets) + 1, summary, req.user, kind)
    _tickets.append(one)
    given = cc if isinstance(cc, (list, tuple)) else [cc]
    told = [name for name in given if name]
    _log.append('%s made %d, told %s' % (req.user, one.number, ', '.join(told) or 'no one'))
    req.status = apache.HTTP_CREATED
    req.headers_out['Location'] = '/tracker/show?id=%d' % one.number
    return 'ticket %d' % one.number


def comment(req, id, text):
    """Adds a comment under the name in a cookie."""
    _only_post(req)
    name = Cookie.get_cookie(req, 'name')
    who = name.value if name is not None else 'anonymous'
    _find(id).comments.append((who, text))
    util.redirect(req, '/tracker/plain?id=' + id)


def remember(req, name):
    """Sets the name for comments."""
    Cookie.add_cookie(req, 'name', name, path='/tracker')
    return 'remembered'


def attach(req, id, file):
    """Attaches a file."""
    one = _find(id)
    if not hasattr(file, 'filename'):
        raise apache.SERVER_RETURN(apache.HTTP_BAD_REQUEST)
    data = file.read()
    one.files[file.filename] = data
    return '%s: %d octets of %s' % (file.filename, len(data), file.type)


def fields(req, **found):
    """All fields of a form, for the curious."""
    return '\n'.join('%s=%s' % (name, '|'.join(value) if isinstance(value, list) else value)
                     for name, value in sorted(found.items())) or 'none'


def feed(req):
    """The tickets as RSS."""
    req.content_type = 'application/rss+xml'
    items = ''.join('<item><title>%s</title><guid>%d</guid></item>' % (
        _escape(one.summary), one.number) for one in reversed(_tickets))
    return '<?xml version="1.0"?><rss version="2.0"><channel>%s</channel></rss>' % items


def moved(req):
    """The former place of the list."""
    util.redirect(req, '/tracker/tickets', permanent=1)


def inside(req):
    """The list, by a redirect inside."""
    req.internal_redirect('/tracker/plain?id=1')


def silent(req):
    """Writes for itself, and returns nothing."""
    req.content_type = 'text/plain'
    req.write('written')


def fails(req):
    """A fault of the programmer."""
    return _tickets[1000]


def agent(req):
    """Facts about the request."""
    return '%s %s %s' % (req.method, req.headers_in.get('User-Agent', 'none'),
                         req.connection.remote_ip)


class Admin(object):
    """Work of the administrator alone."""

    def __auth__(self, req, user, password):
        return PASSWORDS.get(user) == password

    def __access__(self, req, user):
        return user == 'admin'

    __auth_realm__ = 'administration'

    def close(self, req, id):
        """Closes a ticket."""
        _find(id).state = 'closed'
        _log.append('%s closed %s' % (req.user, id))
        return 'closed %s' % id

    def state(self, req, id, state):
        """Sets a state."""
        if state not in STATES:
            req.status = apache.HTTP_BAD_REQUEST
            return 'no such state'
        _find(id).state = state
        return '%s is %s' % (id, state)

    def log(self, req):
        """The work that was done."""
        return '\n'.join(_log) or 'nothing yet'


class API(object):
    """JSON for programs."""

    _secret = 'never published'

    def ticket(self, req, id):
        """One ticket."""
        req.content_type = 'application/json'
        return json.dumps(_find(id).facts(), sort_keys=True)

    def tickets(self, req):
        """All of them."""
        req.content_type = 'application/json'
        return json.dumps([one.facts() for one in _tickets], sort_keys=True)

    def __call__(self, req):
        return 'ticket, tickets'


class Report(object):
    """Reports by state; calling one counts."""

    title = 'reports'

    def __init__(self, state):
        self._state = state

    def __call__(self, req):
        return '%s: %d' % (self._state,
                           len([one for one in _tickets if one.state == self._state]))


class Reports(object):
    """The reports there are."""

    new = Report('new')
    open = Report('open')
    closed = Report('closed')


def mine(req):
    """The tickets of the user who has logged in."""
    __auth__ = {'anna': 'open', 'bert': 'sesame'}
    __access__ = ['anna']
    __auth_realm__ = 'mine'
    return ', '.join(str(one.number) for one in _tickets if one.owner == req.user) or 'none'


def closed(req):
    """Closed to all."""
    __access__ = 0
    return 'never'


admin = Admin()
api = API()
report = Reports()
_begin()
