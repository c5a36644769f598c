# Copyright the carryall authors.  See LICENSE.
"""The pytest plug-in: real servers on free ports of 127.0.0.1, as fixtures.

pytest finds it by its entry point where carryall is installed; from a checkout, say
``-p carryall.pytest_plugin``.

    def test_report(smtp_server):
        send_report(smtp_server.host, smtp_server.port)
        message, = smtp_server.wait(1)
        assert message.recipients == ['boss@example']
        smtp_server.fail('RCPT', b'451 4.3.0 later', times=2)
        ...

    def test_client(http_server, https_server):
        http_server.respond('/users', json=[{'name': 'ann'}])
        assert fetch_users(http_server.url) == ['ann']
        fetch(https_server.url, trust=https_server.ca)

    def test_orders(database):              # once for each provider of this runtime
        database.sql('CREATE TABLE orders (id integer)')
        assert orders_in(database.location) == []

    def test_upload(ftp_server):
        upload(ftp_server.host, ftp_server.port, ftp_server.user, ftp_server.password)
        assert ftp_server.files() == ['report.pdf']

The objects are those of carryall.testservers.  Servers live as long as the test;
``http_server_module`` and ``http_server_session`` live as long as the module's tests, and all
tests.  Every process of pytest-xdist has servers of its own, on other ports.

``--carryall-runtime=jython`` (pypy, python2.7, a path; or carryall_runtime in the ini file) runs
the servers on another runtime.  ``--carryall-runtime=/path/to/carryall.jar`` (carryall.pyz, a
frozen carryall) runs them out of an artifact, in a process of its own.  ``jar`` alone is the one of
CARRYALL_JAR, of the working folder, or of the checkout, which makes it.  A test that serves an
application or a protocol of its own is skipped then.

Options of the servers come from the ini file or the environment:

    carryall_options =
        smtp_server.starttls = yes          # or CARRYALL_SMTP_SERVER_STARTTLS=yes
        http_server.port = 8080

The fixtures can be called too, as ``http_server(path='site')`` or ``ftp_server('--root', path)``:
that starts one more server and returns its URL or addresses.  ``carryall_servers.start('web',
'--path', '.')`` starts any type of service.

The manifest of a protocol names its fixtures.

Tests:    tests/house/test_pytest_plugin.py, tests/house/testservers/test_fixtures.py
"""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.commands.catalogue import FIXTURES
from carryall.core.compat import PY2
from carryall.core.errors import Unsupported, UsageError

if PY2:                     # py2: a module has no __getattr__
    from carryall.embedded import Servers
    from carryall.separate import SeparateServers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

SCOPES = (('function', ''), ('module', '_module'), ('session', '_session'))

__all__ = ['FIXTURES', 'carryall_ca', 'carryall_certificates',
           'pytest_addoption', 'pytest_configure', 'pytest_generate_tests'] + [
    name + ending for name in ['carryall_servers'] + [row[0] for row in FIXTURES]
    for _, ending in SCOPES]


def __getattr__(name):
    # type: (str) -> Any
    """Servers and SeparateServers, which most runs of pytest do not need.

    They are no part of ``__all__``: to import all names would load both.
    """
    if name == 'Servers':
        from carryall.embedded import Servers
        return Servers
    if name == 'SeparateServers':
        from carryall.separate import SeparateServers
        return SeparateServers
    raise AttributeError('module %s has no attribute %s' % (__name__, name))


# -- configuration -------------------------------------------------------------------------------

def pytest_addoption(parser):
    """The option, and its lines in the ini file."""
    text = ('where the servers of carryall\'s fixtures run: jython, pypy, python2.7, a path, the '
            'path of an artifact of carryall, or jar')
    parser.getgroup('carryall').addoption('--carryall-runtime', metavar='WHERE', default=None,
                                          help=text)
    parser.addini('carryall_runtime', text)
    parser.addini('carryall_options', 'options of the servers of carryall\'s fixtures, a line '
                                      'each: FIXTURE.OPTION = VALUE', type='linelist', default=[])


def pytest_configure(config):
    """Tells before any test runs of a runtime that is not there, and of a wrong option."""
    where = _where(config)
    try:
        if where:
            from carryall.separate import program_of
            program_of(where)
    except UsageError as exc:
        raise pytest.UsageError('--carryall-runtime: %s' % exc.message)
    try:
        _options(config)
    except UsageError as exc:
        raise pytest.UsageError('carryall_options: %s' % exc.message)


def pytest_generate_tests(metafunc):
    """Has a test run once for each variant of a fixture that has some, such as ``database``.

    A module that imports such a fixture without the plug-in imports this function too.
    """
    for scope, ending in SCOPES:
        for row in FIXTURES:
            if row[0] + ending in metafunc.fixturenames:
                variants = _variants(metafunc.config, row)
                if variants:
                    metafunc.parametrize(row[0] + ending, variants, indirect=True, scope=scope)


def _variants(config, row):
    # type: (Any, Any) -> Any
    """The values of the option by which the variants of a fixture differ; () if it has none."""
    cls = _class_of(row)
    if not cls.variants:
        return ()
    option, values = cls.variants
    chosen = cls.from_environment(os.environ).get(option) or _options(config).get(
        row[0], {}).get(option)
    return (chosen,) if chosen else values


def _where(config):
    # type: (Any) -> str
    """The option's word, else the ini file's or the environment's; '' for this very process."""
    try:
        where = config.getoption('--carryall-runtime') or config.getini('carryall_runtime')
    except ValueError:          # the fixtures were imported, and the plug-in itself is not there
        where = ''
    return where or os.environ.get('CARRYALL_RUNTIME', '')


def _options(config):
    # type: (Any) -> Dict[str, Dict[str, Any]]
    """The options of the ini file by fixture."""
    try:
        lines = config.getini('carryall_options')
    except (ValueError, KeyError):      # as above
        lines = []
    found = {}                  # type: Dict[str, Dict[str, Any]]
    names = dict((row[0], row) for row in FIXTURES)
    for line in lines:
        key, equals, value = line.partition('=')
        name, dot, option = key.strip().partition('.')
        if not equals or not dot or name not in names:
            raise UsageError(u'"%s" is not FIXTURE.OPTION = VALUE, with a fixture of %s'
                             % (line, u', '.join(sorted(names))))
        cls = _class_of(names[name])
        found.setdefault(name, {})[option] = cls.read_option(option, value.strip())
    return found


def _class_of(row):
    # type: (Any) -> Any
    """The class of a fixture's object."""
    module, _, name = row[1].partition(':')
    return __import__(module, None, None, [name]).__dict__[name]


# -- what the fixtures of a run share ------------------------------------------------------------

class _Shared(object):
    """The certificates and the runner of one run, each made when it is first needed."""

    def __init__(self, config):
        # type: (Any) -> None
        self._config = config
        self._certificates = None   # type: Any
        self._runner = None         # type: Any
        self._options = None        # type: Any
        self._pid = 0
        config.add_cleanup(self.close)

    def certificates(self):
        # type: () -> Any
        """The throw-away authority."""
        if self._certificates is None:
            from carryall.embedded import Certificates
            self._certificates = Certificates()
        return self._certificates

    def options(self, name):
        # type: (str) -> Dict[str, Any]
        """The options of the ini file for a fixture."""
        if self._options is None:
            self._options = _options(self._config)
        return dict(self._options.get(name, ()))

    def runner(self):
        # type: () -> Any
        """The runner of the servers; a process that was forked has its own."""
        if self._runner is None or self._pid != os.getpid():
            from carryall.testservers import sharedrunner
            self._runner = sharedrunner.make(_where(self._config), self.certificates())
            self._runner.refuse = pytest.skip
            self._pid = os.getpid()
        return self._runner

    def close(self):
        # type: () -> None
        """Ends the servers, and drops the certificates."""
        runner, self._runner = self._runner, None
        certificates, self._certificates = self._certificates, None
        try:
            if runner is not None and self._pid == os.getpid():
                runner.close()
        finally:
            if certificates is not None and self._pid in (0, os.getpid()):
                certificates.close()


def _shared(config):
    # type: (Any) -> _Shared
    found = getattr(config, 'carryall_shared', None)
    if found is None:
        found = _Shared(config)
        config.carryall_shared = found
    return found


# -- fixtures ------------------------------------------------------------------------------------

@pytest.fixture(scope='session')
def carryall_certificates(request):
    """The throw-away authority of this run; made when TLS is first asked for."""
    return _shared(request.config).certificates()


@pytest.fixture(scope='session')
def carryall_ca(carryall_certificates):
    """Path of a PEM file with the authority that the servers' certificates are of."""
    return carryall_certificates.ca_file


def _serve_any(request):
    # type: (Any) -> Any
    """Servers, or SeparateServers where the option says so."""
    shared = _shared(request.config)
    where = _where(request.config)
    if where:
        from carryall.separate import SeparateServers
        servers = SeparateServers(where, shared.certificates(), shared.runner())
    else:
        from carryall.embedded import Servers
        servers = Servers(certificates=shared.certificates())
    with servers:
        yield servers


def _serve(request, row):
    # type: (Any, Any) -> Any
    """The object of one fixture, started."""
    shared = _shared(request.config)
    options = shared.options(row[0])
    cls = _class_of(row)
    if row[2]:
        options['type'] = row[2]
    if cls.variants and hasattr(request, 'param'):
        options[cls.variants[0]] = request.param
    if options:             # the environment is read by the server, and comes first
        options = dict(options, **cls.from_environment(os.environ))
    server = cls(shared.runner(), **options)
    try:
        try:
            server.start()
        except Unsupported as exc:      # no TLS on this runtime
            pytest.skip(exc.message)
        yield server
    finally:
        server.close()


def _fixture(name, scope, text, serve, *args):
    # type: (str, str, str, Any, *Any) -> Any
    """A fixture of that name; each has a function object of its own, as pytest wants it."""
    def made(request):
        for server in serve(request, *args):
            yield server
    made.__name__ = name if str is not bytes else str(name)
    made.__doc__ = text
    return pytest.fixture(scope=scope, name=name)(made)


def _add_fixtures():
    # type: () -> None
    """Adds the fixtures of the table, for each scope."""
    for scope, ending in SCOPES:
        base = 'carryall_servers' + ending
        globals()[base] = _fixture(base, scope, 'Servers for this %s; start(type, words) starts '
                                                'any.' % scope, _serve_any)
        for row in FIXTURES:
            name = row[0] + ending
            globals()[name] = _fixture(name, scope, row[3], _serve, row)


_add_fixtures()
