# Copyright the carryall authors.  See LICENSE.
"""The service types modpython and publisher, over a socket."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.future import with_timeout
from carryall.protocols.fastcgi import connect
from carryall.services.modpython import publisherservice, service
from tests.contract.support import until
from tests.services.wsgi.wsgikit import WAIT_SECONDS, Answer, Client

PAGE = '''
from mod_python import apache
import time

def handler(req):
    req.content_type = 'text/plain'
    req.write('%s %s' % (req.uri, req.read().decode('ascii')))
    return apache.OK

def slow(req):
    req.write('first')
    deadline = time.time() + 10
    while not released and time.time() < deadline:
        time.sleep(0.01)
    req.write(' second')
    return apache.OK

def stuck(req):
    released.append(0)
    while True:
        time.sleep(0.01)
        if open_gates:
            break
    req.write('at last')
    return apache.OK

def quick(req):
    if req.args == 'block':
        return stuck(req)
    if req.args == 'whole':
        req.headers_out['Content-Length'] = '5'
        req.write('whole')
        while not open_gates:
            time.sleep(0.01)
        return apache.OK
    req.write('quick')
    return apache.OK

def opened(req):
    open_gates.append(1)
    return apache.OK

released = []
open_gates = []

def release(req):
    released.append(1)
    return apache.OK
'''
CONFIG = u'''
DocumentRoot %(root)s
<Directory %(root)s>
    SetHandler mod_python
    PythonHandler page
    PythonPath "['%(root)s']"
</Directory>
<Location /slow>
    PythonHandler page::slow
</Location>
<Location /release>
    PythonHandler page::release
</Location>
<Location /stuck>
    PythonHandler page::stuck
</Location>
<Location /quick>
    PythonHandler page::quick
</Location>
<Location /open>
    PythonHandler page::opened
</Location>
'''


@pytest.fixture
def loop():
    """A loop of this runtime."""
    made = runtimes.choose()
    yield made
    made.close()


@pytest.fixture
def conf(tmpdir):
    """The name of a configuration."""
    tmpdir.join('site/page.py').write(PAGE, ensure=True)
    path = tmpdir.join('httpd.conf')
    path.write(CONFIG % {'root': tmpdir.join('site')})
    return str(path)


def _client(loop, started, data):
    port = started.server.listeners[0].address.port
    client = Client()
    loop.run_until(loop.connect_tcp(lambda: client, '127.0.0.1', port))
    client.transport.write(data)
    return client


def _ask(loop, started, data):
    client = _client(loop, started, data)
    loop.run_until(with_timeout(loop, client.over, WAIT_SECONDS))
    return Answer(client.heard)


def test_a_site_answers(loop, conf):
    started = service.TYPE.make(service.SCHEMA.parse(['-f', conf, '-p', '0']))
    started.start(loop)
    answer = _ask(loop, started, b'POST /a/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'
                                 b'Content-Length: 4\r\n\r\nbody')
    assert answer.body == b'/a/b body'
    loop.run_until(started.stop(1.0))


def test_output_of_a_handler_is_not_held_for_long(loop, conf):
    started = service.TYPE.make(service.SCHEMA.parse(['-f', conf, '-p', '0']))
    started.start(loop)
    slow = _client(loop, started, b'GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    until(loop, lambda: b'first' in slow.heard)
    assert b'second' not in slow.heard
    _ask(loop, started, b'GET /release HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    loop.run_until(with_timeout(loop, slow.over, WAIT_SECONDS))
    assert b'second' in slow.heard
    loop.run_until(started.stop(1.0))


def _get(loop, started, target):
    return _ask(loop, started, b'GET ' + target + b' HTTP/1.1\r\nHost: h\r\n'
                               b'Connection: close\r\n\r\n')


def _started(loop, conf, *words):
    started = service.TYPE.make(service.SCHEMA.parse(['-f', conf, '-p', '0'] + list(words)))
    started.start(loop)
    return started


def test_a_site_behind_apache_speaks_fastcgi(loop, conf, tmpdir):
    written = tmpdir.join('front.conf')
    started = _started(loop, conf, '--apache-config', str(written))
    port = started.server.listeners[0].address.port
    assert 'fcgi://127.0.0.1:%d/' % port in written.read()
    variables = [(b'REQUEST_METHOD', b'GET'), (b'REQUEST_URI', b'/a/b'),
                 (b'SERVER_PROTOCOL', b'HTTP/1.1')]
    client = loop.run_until(connect(loop, '127.0.0.1', port))
    response = loop.run_until(with_timeout(loop, client.request(variables), WAIT_SECONDS))
    assert response.body == b'/a/b '
    client.close()
    loop.run_until(started.stop(1.0))


def test_a_handler_that_never_returns_is_500_and_then_503(loop, conf, expect_log):
    expect_log('nothing has come for 1 seconds')
    expect_log('its handler does not return')
    started = _started(loop, conf, '--timeout', '1', '--threads', '1', '--stuck', '4')
    assert _get(loop, started, b'/stuck').status == 500
    assert _get(loop, started, b'/stuck').status == 503
    assert _get(loop, started, b'/other').body == b'/other '
    _get(loop, started, b'/open')
    until(loop, lambda: started._application.deadlines.stuck == 0)
    assert _get(loop, started, b'/stuck').body == b'at last'
    loop.run_until(started.stop(1.0))


def test_a_quick_handler_that_blocks_at_last_stops_nothing(loop, conf, expect_log):
    expect_log('nothing has come for 1 seconds')
    started = _started(loop, conf, '--timeout', '1', '--threads', '1', '--quick-calls')
    for _ in range(20):
        assert _get(loop, started, b'/quick').body == b'quick'
    blocked = _client(loop, started, b'GET /quick?block HTTP/1.1\r\nHost: h\r\n'
                                     b'Connection: close\r\n\r\n')
    for _ in range(3):
        assert _get(loop, started, b'/other').body == b'/other '
    loop.run_until(with_timeout(loop, blocked.over, WAIT_SECONDS))
    assert Answer(blocked.heard).status == 500
    _get(loop, started, b'/open')
    until(loop, lambda: started._application.deadlines.stuck == 0)
    loop.run_until(started.stop(1.0))


def test_functions_of_a_folder_are_published(loop, tmpdir):
    tmpdir.join('shop.py').write('def buy(what, count="1"):\n    return what + count\n')
    kind = publisherservice.TYPE
    started = kind.make(kind.options.parse([str(tmpdir), '-p', '0']))
    started.start(loop)
    answer = _ask(loop, started, b'GET /shop/buy?what=tea HTTP/1.1\r\nHost: h\r\n'
                                 b'Connection: close\r\n\r\n')
    assert answer.body == b'tea1'
    loop.run_until(started.stop(1.0))


def test_a_configuration_is_needed():
    with pytest.raises(UsageError):
        service.SCHEMA.parse([])


@pytest.mark.parametrize('directive, problems', [('DocumentRoot /', 0), ('Nonsense 1', 1)])
def test_a_configuration_is_checked_before_the_start(directive, problems):
    options = service.SCHEMA.complete(service.SCHEMA.parse(['-c', directive]))
    assert len(service.TYPE.check(options)) == problems
