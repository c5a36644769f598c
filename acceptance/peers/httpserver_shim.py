# Copyright the carryall authors.  See LICENSE.
"""Our HTTPServer in the place of the server behind pytest-httpserver's fixtures; a plug-in of
pytest for its own tests.  A function of the test process, which is its application, makes every
response."""
from urllib.parse import quote

from pytest_httpserver.httpserver import HTTPServerBase, HTTPServerError
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request

from carryall.testservers import HTTPServer

HOSTS = {'localhost': '127.0.0.1'}


def start(self):
    """Starts ours, on the port that was given."""
    if self.is_running():
        raise HTTPServerError('Server is already running')
    ours = HTTPServer(host=HOSTS.get(self.host, self.host), port=self.port or 0,
                      tls=self.ssl_context is not None).start()
    application = Request.application(self.application)

    def answer(request):
        builder = EnvironBuilder(
            path=quote(request.path), query_string=request.query_string, method=request.method,
            base_url='%s://%s/' % (request.scheme, request.headers.get('Host', 'localhost')),
            headers=request.headers.pairs, data=request.body)
        body, status, headers = run_wsgi_app(application, builder.get_environ(), buffered=True)
        return int(status.split()[0]), list(headers), b''.join(body)

    ours.respond('*', handler=answer)
    self.server = ours
    self.port = ours.port


def stop(self):
    """Ends it."""
    if not self.is_running():
        raise HTTPServerError('Server is not running')
    self.server.close()
    self.server = None


HTTPServerBase.start = start
HTTPServerBase.stop = stop
