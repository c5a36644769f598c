#!/usr/bin/env -S twistd -noy
# Copyright the carryall authors.  See LICENSE.
"""A list of bugs at http://127.0.0.1:7012/: a form adds one, and the file bugs.txt keeps them."""
import io
import json
import os

from carryall.app.endpoints import parse_endpoint
from carryall.app.service import OneServer, StreamServer
from carryall.protocols.http import Site
from carryall.services.resources import Resource
from carryall.services.web.htmlpage import escape
from carryall.services.web.origincheck import refuse_foreign

PATH = os.path.abspath('bugs.txt')
FORM = u'<form method="post"><input name="title" required> <button>Report</button></form>'


class BugList(Resource):
    """All bugs, and the form for one more."""

    def render_GET(self, request):
        """The page."""
        rows = []
        if os.path.exists(PATH):
            with io.open(PATH, encoding='utf-8') as lines:
                rows = [u'<li>%s' % escape(json.loads(line)) for line in lines]
        return u'<h1>%d bugs</h1><ol>%s</ol>%s' % (len(rows), u''.join(rows), FORM)

    def render_POST(self, request):
        """Writes one line; the page."""
        title = request.form.get(u'title', u'') if request.form else u''
        with io.open(PATH, 'ab') as target:
            target.write(json.dumps(title).encode('ascii') + b'\n')
        return self.render_GET(request)


class BugService(OneServer):
    """The web server of the list."""

    def start(self, loop):
        """Listens."""
        root = Resource()
        root.put_child(b'', BugList())
        place = parse_endpoint('tcp:%s:interface=127.0.0.1' % os.environ.get('BUGS_PORT', '7012'))
        self.serve(loop, StreamServer('bugs', Site(refuse_foreign(root), loop), [place]))


application = BugService('bugs')
