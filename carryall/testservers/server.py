# Copyright the carryall authors.  See LICENSE.
"""Server: the base of the objects that tests use.

    with MailServer() as mail:
        send_something(mail.host, mail.port)
        assert mail.wait(1)[0].subject == 'hello'

Tests:    tests/house/testservers/test_server.py
"""
from __future__ import absolute_import, division, print_function

import functools
import os

from carryall.core.compat import int_types, native, text_type
from carryall.core.errors import UsageError
from carryall.core.wrap.faultrules import Fault
from carryall.services.testservers.typeserver import word_of
from carryall.testservers import sharedrunner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

__all__ = ['Awaited', 'FaultHandle', 'NotArrived', 'Server', 'WAIT_SECONDS']

WAIT_SECONDS = 10.0         # for what a test waits for, unless it gives a time

# class of server -> its (option, variable of the environment) pairs
_variables = {}             # type: Dict[Any, List[Tuple[str, str]]]

TRUE = ('1', 'yes', 'true', 'on')
FALSE = ('0', 'no', 'false', 'off', '')


class NotArrived(AssertionError):
    """Raised when data or an event that a test waits for does not come in time."""


class FaultHandle(object):
    """One fault; a context manager that drops it at the end."""

    def __init__(self, server, number):
        # type: (Server, int) -> None
        self._server = server
        self._number = number

    @property
    def hits(self):
        # type: () -> int
        """How often it has acted."""
        return self._server.ask('fault_hits', number=self._number)

    def cancel(self):
        # type: () -> None
        """Drops it."""
        self._server.ask('recover', number=self._number)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.cancel()


class Awaited(object):
    """The methods of a server for coroutines: ``await server.aio.wait(2)``.

    They run on a thread of asyncio's executor, so that the client under test can go on.
    """

    def __init__(self, server):
        # type: (Server) -> None
        self._server = server

    def __getattr__(self, name):
        method = getattr(self._server, name)
        return functools.partial(in_executor, method)


def in_executor(function, *args, **named):
    # type: (Callable[..., Any], *Any, **Any) -> Any
    """An awaitable of what *function* returns on another thread."""
    import asyncio
    return asyncio.get_event_loop().run_in_executor(None, functools.partial(function, *args,
                                                                            **named))


class Server(object):
    """One server for tests; it runs from ``start`` to ``close``, or in a ``with`` block.

    Args:     runner: a LocalRunner or ChildRunner; one that all share if not given.
              options: those of the class, ``host``, and ``port`` (0: the system chooses).  Where
                  there is TLS, ``certificate`` and ``key`` are paths of PEM files that are used
                  in place of throw-away ones.

    Attributes:
        kind: of server, as carryall.services.testservers knows it.
        scheme: of ``url``.
        options: name -> type of the value: int, bool, 'text', 'path', or None for any.
        name: of the fixture; environment variables begin with CARRYALL_NAME_.
        variants: (name of an option, its values) if a test runs once for each value; or None.
        values: the options that were given.
        places: [name, host, port] of each listener.
        given_runner: the runner that was given, or None.
    """

    kind = ''
    scheme = 'tcp'
    name = ''
    options = {}                # type: Dict[str, Any]
    variants = None             # type: Any

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        self.given_runner = runner
        self._runner = None         # type: Any
        self._number = None         # type: Optional[int]
        self.places = []           # type: List[Any]
        self._more = []             # type: List[Any]
        self.values = self.from_environment(os.environ)
        self.values.update(self.checked(options))

    # -- options -------------------------------------------------------------------------------

    @classmethod
    def all_options(cls):
        # type: () -> Dict[str, Any]
        """The options of this class and those that all have."""
        common = {'host': 'text', 'port': int}      # type: Dict[str, Any]
        if 'tls' in cls.options:
            common.update(certificate='path', key='path')
        return dict(cls.options, **common)

    @classmethod
    def from_environment(cls, environ):
        # type: (Any) -> Dict[str, Any]
        """Options from variables such as CARRYALL_SMTP_SERVER_PORT."""
        variables = _variables.get(cls)
        if variables is None:
            variables = [(option, 'CARRYALL_%s_%s' % (cls.name.upper(), option.upper()))
                         for option in cls.all_options()] if cls.name else []
            _variables[cls] = variables
        found = {}
        for option, variable in variables:
            if variable in environ:
                found[option] = cls.read_option(option, environ[variable])
        return found

    @classmethod
    def read_option(cls, option, text):
        # type: (str, str) -> Any
        """The value that *text* spells, of an ini file or the environment.

        Raises:   UsageError: there is no such option, or it has no such value.
        """
        kind = cls.all_options().get(option)
        if option not in cls.all_options():
            raise UsageError(u'%s has no option %s' % (cls.name, option))
        if kind is bool and text.lower() in TRUE + FALSE:
            return text.lower() in TRUE
        if kind is int and text.isdigit():
            return int(text)
        if kind in ('text', 'path'):
            return cls.checked({option: text})[option]
        raise UsageError(u'%s.%s cannot be "%s"' % (cls.name, option, text))

    @classmethod
    def checked(cls, options):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        known = cls.all_options()
        found = {}
        for name, value in options.items():
            if name not in known:
                raise TypeError('%s has no option %s; it has %s'
                                % (cls.__name__, name, ', '.join(sorted(known))))
            kind = known[name]
            if kind == 'path' and value is not None:
                value = os.path.abspath(word_of(value))
            elif kind == 'text' and value is not None:
                value = word_of(value)
            elif kind is int and (not isinstance(value, int_types) or isinstance(value, bool)):
                raise TypeError('%s is a number, not %r' % (name, value))
            found[name] = value
        return found

    def told(self, options):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        """The options as the service has them; a subclass translates its own."""
        found = dict(options)
        if 'tls' in found:
            found['tls'] = u'implicit' if found['tls'] else u''
        if found.pop('starttls', False):
            found['tls'] = u'starttls'
        chosen = [found.pop(name, None) for name in ('certificate', 'key')]
        if found.get('tls') or chosen[0]:
            found['files'] = self._files()
        if chosen[0]:
            found['files']['right'] = chosen
        return found

    def _files(self):
        # type: () -> Dict[str, List[str]]
        return dict((text_type(name), [text_type(path) for path in paths])
                    for name, paths in self._runner.certificates.files().items())

    # -- life ----------------------------------------------------------------------------------

    def start(self):
        # type: () -> Any
        """Begins to serve; the server itself."""
        if self.started:
            return self
        self.take_runner()
        try:
            self._number, self.places = self._runner.begin(self.kind, self.told(self.values))
        except Exception:
            self.drop_runner()
            raise
        return self

    def take_runner(self):
        # type: () -> None
        """Has a runner, the shared one if none was given; for classes with a server of their own.
        """
        if self._runner is None:
            self._runner = sharedrunner.take() if self.given_runner is None else self.given_runner

    def drop_runner(self):
        # type: () -> None
        """Gives the runner back."""
        runner, self._runner = self._runner, None
        if runner is not None and self.given_runner is None:
            sharedrunner.give_back()

    def stop(self):
        # type: () -> None
        """Closes the port and all connections; what came can be asked for still."""
        self.ask_runner().stop(self.number)

    def restart(self, **options):
        # type: (**Any) -> Any
        """Serves again on the same port, which was stopped or not; what came stays.

        Args:     options: those that change.
        """
        changed = self.checked(options)
        self.values.update(changed)
        told = self.told(dict(changed))
        self.places = self.ask_runner().restart(self.number, told)
        return self

    def close(self):
        # type: () -> None
        """Ends it."""
        while self._more:
            self._more.pop().close()
        number, self._number = self._number, None
        if number is not None:
            try:
                self._runner.end(number)
            finally:
                self.drop_runner()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.close()

    def __aenter__(self):
        return in_executor(self.start)

    def __aexit__(self, *exc_info):
        return in_executor(self.close)

    # -- what it is ----------------------------------------------------------------------------

    @property
    def started(self):
        # type: () -> bool
        """True between ``start`` and ``close``."""
        return self._number is not None

    @property
    def number(self):
        # type: () -> int
        """The number that its runner has given it."""
        if not self.started:
            raise RuntimeError('%s has not started, or is closed' % type(self).__name__)
        return self._number

    @property
    def host(self):
        # type: () -> str
        """The numeric address that it listens on."""
        return native(self.place()[1])

    @property
    def port(self):
        # type: () -> int
        """Its port."""
        return self.place()[2]

    @property
    def address(self):
        # type: () -> Tuple[str, int]
        """(host, port)."""
        return self.host, self.port

    @property
    def url(self):
        # type: () -> str
        """Its URL, without a slash at the end."""
        return '%s://%s' % (self.scheme, self.netloc)

    @property
    def netloc(self):
        # type: () -> str
        """host:port."""
        return ('[%s]:%d' if ':' in self.host else '%s:%d') % self.address

    @property
    def ca(self):
        # type: () -> str
        """Path of the PEM file that a client has to trust; of a certificate that was given, that
        file."""
        self.number
        if self.values.get('certificate'):
            return str(self.values['certificate'])
        return self._runner.certificates.ca_file

    @property
    def aio(self):
        # type: () -> Awaited
        """The methods for coroutines."""
        return Awaited(self)

    def place(self, name=None):
        # type: (Optional[str]) -> Any
        """[name, host, port] of a listener, the principal one unless another is named."""
        self.number
        for place in self.places:
            if name in (None, native(place[0])):
                return place
        raise AttributeError('%s has no %s' % (type(self).__name__, name))

    def __repr__(self):
        if not self.started or not self.places:
            return '<%s>' % type(self).__name__
        return '<%s at %s>' % (type(self).__name__, self.url)

    # -- what it does --------------------------------------------------------------------------

    def fail(self, when=None, reply=None, **how):
        # type: (Any, Any, **Any) -> FaultHandle
        """Lets the server fail: ``server.fail('RCPT', b'451 4.3.0 later', times=2)``.

        Args:     when: the beginning of a command, 'connect' for new connections, 'data' for the
                        data connections of FTP; None for any command.
                  reply: sent in place of the reply.
                  how: times, after, delay, cut, reset, close, trickle, garbage, certificate, as
                       carryall.core.wrap.faultrules.Fault has them; the fault acts once unless
                       *times* says otherwise (None: always).
        """
        Fault(when, reply, **how)       # what cannot be is told here
        if how.get('certificate') is not None:
            self.ask_runner().certificates.make_wrong()
            how['certificate'] = text_type(how['certificate'])
        if when is not None:
            how['when'] = when
        if reply is not None:
            how['reply'] = reply
        return FaultHandle(self, self.ask('fail', **how))

    def recover(self):
        # type: () -> None
        """Drops all faults."""
        self.ask('recover')

    def reset(self):
        # type: () -> None
        """Forgets what came, what was told, and all faults; the port stays."""
        self.ask('forget')

    def ask(self, call, patience=0.0, **options):
        # type: (str, float, **Any) -> Any
        """The value of a call of the service, which may take *patience* seconds of its own."""
        return self.ask_runner().call(self.number, call, patience, options)

    def ask_runner(self):
        # type: () -> Any
        """The runner of the started server."""
        self.number
        return self._runner

    def came(self, count, timeout, what):
        # type: (int, float, str) -> List[Any]
        """All that has come, once there are *count*.

        Raises:   NotArrived: there are fewer after *timeout* seconds.
        """
        there = self.ask('wait', timeout, count=count, seconds=float(timeout))
        if there < count:
            raise NotArrived('%d of %d %s came within %g seconds' % (there, count, what, timeout))
        return self.ask('came')

    # -- as a function, which the fixtures were before -------------------------------------------

    def another(self, cls, **options):
        # type: (Any, **Any) -> Any
        """A further server on the same runner, which ends with this one."""
        self.take_runner()
        server = cls(self._runner, **options).start()
        self._more.append(server)
        return server

    def need_this_process(self, what):
        # type: (str) -> None
        """Raises Unsupported if the servers run in another process."""
        self.take_runner()
        if not self._runner.here:
            self._runner.refuse('%s of this process cannot be served by another' % what)
