# Copyright the carryall authors.  See LICENSE.
"""A list of bugs at http://127.0.0.1:7012/: a form adds one, and the file bugs.txt keeps them."""
import io
import json
import os

from carryall import runtimes
from carryall.protocols.http import Site
from carryall.services.resources import Resource
from carryall.services.web.htmlpage import escape
from carryall.services.web.origincheck import refuse_foreign

PATH = 'bugs.txt'
FORM = u'<form method="post"><input name="title" required> <button>Report</button></form>'
loop = runtimes.choose()


class Bugs(Resource):
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


root = Resource()
root.put_child(b'', Bugs())
loop.listen_tcp(Site(refuse_foreign(root), loop), '127.0.0.1', 7012)
loop.run()
