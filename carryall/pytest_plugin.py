# Copyright the carryall authors.  See LICENSE.
"""The pytest plug-in: real servers on free ports of 127.0.0.1,
for the tests of programs that talk to servers.

pytest finds it by its entry point where carryall is installed; from a checkout, say
``-p carryall.pytest_plugin``.

    def test_download(http_server):
        url = http_server(path='data/site')                # or app=a web application of carryall
        assert urlopen(url + '/a.txt').read() == b'a'

    def test_secure_download(https_server, carryall_ca):
        # https://127.0.0.1:PORT; carryall_ca is what to trust, a PEM file
        url = https_server(path='data/site')
        assert urlopen(url + '/a.txt',
        context=ssl.create_default_context(cafile=carryall_ca)).read() == b'a'

    def test_my_client(tcp_server):
        # the callable that makes a protocol; tls=True for TLS
        host, port = tcp_server(Echo)

    def test_old_clock(simple_server):
        address, = simple_server('--tcp', 'daytime:0')      # the words of `carryall simple`

    def test_any(carryall_servers):
        addresses = carryall_servers.start('web', '--path', '.', '--port', 'tcp:0')

Servers live as long as the test.  ``http_server_module``, ``http_server_session`` and so on live as
long as the module's tests, and all tests.  Every process of pytest-xdist has servers of its own,
on other ports.

``--carryall-runtime=jython`` (pypy, python2.7, a path; or carryall_runtime in the ini file) starts
the servers on another runtime, and ``--carryall-runtime=/path/to/carryall.jar`` (carryall.pyz, a
frozen carryall) out of an artifact, in processes of their own; a test that serves an application or
a protocol of its own is skipped then.

The manifest of a protocol names its fixtures.

Tests:    tests/house/test_pytest_plugin.py, tests/house/test_separate.py
"""
from __future__ import absolute_import, division, print_function

import functools

import pytest

from carryall.commands.catalogue import FIXTURES
from carryall.core.errors import Unsupported, UsageError
from carryall.embedded import Certificates, Servers
from carryall.separate import SeparateServers, program_of

SCOPES = (('function', ''), ('module', '_module'), ('session', '_session'))

__all__ = ['FIXTURES', 'Servers', 'SeparateServers', 'carryall_ca', 'carryall_certificates',
           'pytest_addoption', 'pytest_configure'] + [
    name + ending for name in ['carryall_servers'] + [row[0] for row in FIXTURES]
    for _, ending in SCOPES]


def pytest_addoption(parser):
    """The option, and its line in the ini file."""
    text = ('where the servers of carryall\'s fixtures run: jython, pypy, python2.7, a path, or '
            'the path of an artifact of carryall')
    parser.getgroup('carryall').addoption('--carryall-runtime', metavar='WHERE', default=None,
                                          help=text)
    parser.addini('carryall_runtime', text)


def pytest_configure(config):
    """A word that leads nowhere is told before any test runs."""
    where = _where(config)
    if where:
        try:
            program_of(where)
        except UsageError as exc:
            raise pytest.UsageError('--carryall-runtime: %s' % exc.message)


def _where(config):
    """The option's word, else the ini file's; '' for this very process."""
    try:
        return config.getoption('--carryall-runtime') or config.getini('carryall_runtime') or ''
    except ValueError:          # the fixtures were imported, and the plug-in itself is not there
        return ''


@pytest.fixture(scope='session')
def carryall_certificates():
    """The throw-away authority of this run; made when TLS is first asked for."""
    certificates = Certificates()
    yield certificates
    certificates.close()


@pytest.fixture(scope='session')
def carryall_ca(carryall_certificates):
    """Path of a PEM file with the authority that the servers' certificates are of."""
    return carryall_certificates.ca_file


def _servers(request, carryall_certificates):
    """``Servers``, or where the option says SeparateServers."""
    where = _where(request.config)
    made = SeparateServers(where, carryall_certificates) if where else Servers(
        certificates=carryall_certificates)
    yield made.__enter__()
    made.__exit__(None, None, None)


def _skipping(function, *words):
    """A call that skips the test where what it asks for cannot be, and says why."""
    @functools.wraps(function)
    def call(*args, **named):
        try:
            return function(*(words + args), **named)
        except Unsupported as exc:
            return pytest.skip(exc.message)
    return call


def _add_fixtures():
    """Those of the table, for each scope."""
    for scope, ending in SCOPES:
        base = 'carryall_servers' + ending
        globals()[base] = _fixture(base, scope, 'Servers for this %s; start(type, words) starts '
                                                'any.' % scope, _servers)
        for name, method, kind, text in FIXTURES:
            globals()[name + ending] = _fixture(name + ending, scope, text,
                                                _giving(base, method, kind))


def _giving(base, method, kind):
    """The function of one fixture."""
    def give(request):
        servers = request.getfixturevalue(base)
        return _skipping(getattr(servers, method), *([kind] if kind else []))
    return give


def _fixture(name, scope, text, function):
    """A fixture of that name; each has a function object of its own, as pytest wants it."""
    if function is _servers:
        def made(request, carryall_certificates):
            for servers in _servers(request, carryall_certificates):
                yield servers
    else:
        def made(request):
            return function(request)
    made.__name__ = name if str is not bytes else str(name)
    made.__doc__ = text
    return pytest.fixture(scope=scope, name=name)(made)


_add_fixtures()
