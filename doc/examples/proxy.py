# Copyright the carryall authors.  See LICENSE.
"""An HTTP proxy for this machine: curl -x http://127.0.0.1:8000/ http://127.0.0.1:8080/"""
from carryall import runtimes
from carryall.core.errors import CarryallError
from carryall.protocols.http import Response, Site, plain_response
from carryall.protocols.http.client import HTTPClient

loop = runtimes.choose()
client = HTTPClient(loop)
# Fields of one connection (RFC 9110 section 7.6.1), and those that frame the body
OWN = frozenset((b'connection', b'content-length', b'keep-alive', b'proxy-authorization',
                 b'proxy-connection', b'te', b'trailer', b'transfer-encoding', b'upgrade'))


def passed(headers, more=()):
    """The fields that go on; more are the names in Connection."""
    named = [name.strip().lower() for name in headers.get(b'connection', b'').split(b',')]
    return [field for field in headers if field[0].lower() not in OWN.union(named, more)]


def proxy(request):
    """Asks the server that the target names; both bodies are streamed."""
    if not request.target.startswith(b'http://'):
        return plain_response(400)      # a proxy is asked for whole URLs
    body = request.body if request.length else b''
    asked = client.request(request.method, request.target, passed(request.headers, [b'host']),
                           body, follow=False, decode=False)
    return asked.then(lambda found: Response(found.status, passed(found.headers), found), unreached)


def unreached(error):
    """502 for a server that does not answer."""
    if not isinstance(error, CarryallError):
        raise error
    return plain_response(502)


loop.listen_tcp(Site(proxy, loop), '127.0.0.1', 8000)
loop.run()
