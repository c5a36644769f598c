# Copyright the carryall authors.  See LICENSE.
"""Pages for the publisher of mod_python, which the case modpython-serve asks here and in Apache."""

text = 'a constant'
markup = '<b>bold</b>'
number = 42
zero = 0
_hidden = 'never'


def hello(req, to='world'):
    return 'Hello, %s!' % to


def html(req):
    return '<html><body>page</body></html>'


def index(req):
    return 'the index'


def two(req, a, b='b'):
    return '%s %s' % (a, b)


def everything(req, **fields):
    return ' '.join('%s=%s' % pair for pair in sorted(fields.items()))


def kind(req):
    req.content_type = 'text/x-own'
    return 'own'


def writes(req):
    req.content_type = 'text/plain'
    req.write('written')
    return ''


def twice(who):
    return '-'.join(who) if isinstance(who, list) else 'one ' + who


class Pages(object):
    """Objects on the way."""

    title = 'the title'
    _secret = 'never'

    def show(self, req):
        """A method."""
        return 'shown'

    def __call__(self, req):
        return 'called'


pages = Pages()
