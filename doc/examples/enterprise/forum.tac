# Copyright the carryall authors.  See LICENSE.
"""A forum: a plain callable and a page .rpy over one pool of a database.

    twistd -n -y doc/examples/enterprise/forum.tac

    http://127.0.0.1:8080/              the posts, and a form for another one
    http://127.0.0.1:8081/count.rpy     how many there are

The variables FORUM_STORE, FORUM_PORT and FORUM_PAGES name another database and other ports.
"""
import os

from carryall.app.datastore import StoreSchema, Table
from carryall.app.endpoints import parse_endpoint
from carryall.app.service import MultiService, OneServer, StreamServer
from carryall.core.compat import text_type
from carryall.core.database import Error
from carryall.core.future import Return, coroutine
from carryall.protocols.http import Response, Site, method_not_allowed
from carryall.protocols.http.forms import read_form
from carryall.services.database.storeservice import StoreService
from carryall.services.web.htmlpage import escape, html_headers, page
from carryall.services.web.service import TYPE as WEB

STORE = StoreSchema('forum', [Table('posts', ['id', 'author', 'body'], ['id'])], [
    [u'CREATE TABLE posts (id {integer} PRIMARY KEY, author {key} NOT NULL, body {text} NOT NULL)'],
])
NEWEST = u'SELECT id, author, body FROM posts ORDER BY id DESC LIMIT 50'
FORM = (u'<form method="post" action="/"><input name="author" maxlength="40" required> '
        u'<input name="body" maxlength="1000" required> <button>Post</button></form>\n')


@coroutine
def add(transaction, author, body):
    """Adds a post; its number."""
    found = yield transaction.execute(u'SELECT coalesce(max(id), 0) + 1 FROM posts')
    number = found.value()
    yield transaction.execute(u'INSERT INTO posts (id, author, body) VALUES (?, ?, ?)',
                              (number, author, body))
    raise Return(number)


class Forum(OneServer):
    """The server of the plain callable."""

    def __init__(self, database):
        OneServer.__init__(self, 'forum')
        self._store = database.store

    def start(self, loop):
        endpoint = 'tcp:%s:interface=127.0.0.1' % os.environ.get('FORUM_PORT', '8080')
        self.serve(loop, StreamServer('forum', Site(self.answer, loop), [parse_endpoint(endpoint)]))

    @coroutine
    def answer(self, request):
        """The callable."""
        try:
            if request.method == b'POST':
                form = yield read_form(request)
                author = form.get(u'author', u'')[:40]
                body = form.get(u'body', u'')[:1000]
                if not author or not body:
                    raise Return(Response(400, body=b'author and body are wanted\n'))
                yield self._store.change(add, author, body)
                raise Return(Response(303, [(b'location', b'/')]))
            if request.method not in (b'GET', b'HEAD'):
                raise Return(method_not_allowed([b'GET', b'HEAD', b'POST']))
            rows = yield self._store.query(NEWEST)
        except Error:
            raise Return(Response(503, body=b'The forum cannot be reached now.\n'))
        posts = u''.join(u'<p id="p%d">%s: %s</p>\n' % (number, escape(author), escape(body))
                         for number, author, body in rows)
        raise Return(Response(200, html_headers(forms=True), page(u'Forum', u'<h1>Forum</h1>\n' + FORM
                                                        + posts)))


database = StoreService(STORE, text_type(os.environ.get('FORUM_STORE', 'sqlite:forum.db')))
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pages')
pages = WEB.make(WEB.options.parse(['--path', folder, '--port', 'tcp:%s:interface=127.0.0.1'
                                    % os.environ.get('FORUM_PAGES', '8081')]))
application = MultiService('forum', [database, Forum(database), pages])
