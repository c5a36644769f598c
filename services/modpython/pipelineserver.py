# Copyright the carryall authors.  See LICENSE.
"""PipelineServer: the service of one Pipeline, on the threads of WSGI.

Tests:    tests/services/modpython/test_modpythonservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import Flag, Option
from carryall.app.optiontypes import Choice, Integer, Path
from carryall.app.servicetypes import ServerType
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.protocols.fastcgi import FastCGIServer
from carryall.services.modpython.apachefront import front_configuration
from carryall.services.modpython.apachemodule import install
from carryall.services.modpython.heldoutput import HOLD_SECONDS
from carryall.services.modpython.pipeline import Pipeline
from carryall.services.wsgi import Settings, WSGIApplication
from carryall.services.wsgi.appserver import LISTENING, AppServer
from carryall.services.wsgi.appserver import OPTIONS as APP_OPTIONS

__all__ = ['OPTIONS', 'PipelineServer', 'PipelineType']

MAX_THREADS = 1000          # the most threads that make sense
MAX_WAITING = 1000000       # the most requests that may wait for one
MAX_SECONDS = 86400         # the longest time of a handler

OPTIONS = [option for option in APP_OPTIONS if getattr(option, 'name', '') != 'folder'] + [
    Option('threads', Integer(1, MAX_THREADS), default='8',
           help='requests whose handlers run at the same time'),
    Option('by', Choice(('http', 'fastcgi')), default='http',
           help='protocol: fastcgi for a web server before this one'),
    Option('apache-config', Path('new'),
           help='write the configuration for an Apache before this server, which speaks FastCGI '
                'then'),
    Option('timeout', Integer(1, MAX_SECONDS, 'seconds'), default='300',
           help='seconds in which a handler must write something; then the client gets 500, or '
                'the connection ends, and another thread takes the place of the handler\'s'),
    Option('stuck', Integer(0, MAX_THREADS), default='32',
           help='threads that are replaced because their handlers do not return; one handler may '
                'have a quarter of them, then it is answered with 503'),
    Flag('quick-calls', help='call a handler that has always returned within two milliseconds on '
                             'the loop\'s own thread; on trial: one that then blocks may hold '
                             'others up'),
    Option('waiting', Integer(0, MAX_WAITING), default='256',
           help='requests that may wait for a thread, half of them for one client; further ones '
                'are answered with 503'),
]                           # type: List[Any]


log = get_logger('modpython')

MOVED = object()            # a call that a thread must make after all


class PipelineServer(AppServer):
    """A server whose application is a Pipeline.

    A subclass has ``config()``, which gives the SiteConfig and the name of its file, and may raise
    UsageError.
    """

    name = ''                   # type: str

    def __init__(self, options):
        # type: (OptionValues) -> None
        AppServer.__init__(self, self.name, options)
        self._pipeline = None       # type: Any
        self._application = None    # type: Any
        self._loop = None           # type: Any
        self._timer = None          # type: Any
        self._waiting = 0           # requests whose response has not begun

    def config(self):
        # type: () -> Tuple[SiteConfig, str]
        """The configuration, and the name of its file."""
        raise NotImplementedError

    def start(self, loop):
        config, file = self.config()
        self._pipeline = Pipeline(config, loop, file, self.options.stuck)
        install(self._pipeline.interpreters)
        self._pipeline.begin()
        self._loop = loop
        settings = Settings(threads=self.options.threads, waiting=self.options.waiting,
                            call_seconds=float(self.options.timeout), stuck=self.options.stuck)
        self._application = WSGIApplication(self._pipeline, loop, settings)
        deadlines = self._application.deadlines
        deadlines.begun = self._stuck
        deadlines.ended = self._returned
        if loop.has_bounded_calls and self.options.quick_calls:
            self._application.lend = self._lend
        self.serve_app(loop, self._serve)
        path = self.options.apache_config
        if path is not None:
            _write(path, front_configuration(config.hosts, self.server.listeners[0].address))
            log.info('the configuration for Apache is in %s', path)

    def site_of(self, loop, app):
        options = self.options
        if options.by == 'http' and options.apache_config is None:
            return AppServer.site_of(self, loop, app)
        return lambda: FastCGIServer(app, loop)

    def _serve(self, request):
        # type: (Any) -> Any
        """Answers *request*; what its handlers hold is sent in time."""
        answer = self._application(request)
        if isinstance(answer, Future):
            self._waiting += 1
            answer.add_done_callback(self._answered)
            if self._timer is None:
                self._timer = self._loop.call_later(HOLD_SECONDS, self._flush)
        return answer

    def _lend(self, call):
        # type: (WSGICall) -> bool
        """Has the loop's thread make a call of handlers that were quick so far."""
        pace = self._pipeline.pace_of(call.environ)
        if pace is None or not pace.is_quick:
            return False

        def job():
            # type: () -> Any
            return call.bounded() if pace.is_quick else MOVED

        def then(response):
            # type: (Any) -> None
            if response is not MOVED:
                call.deliver_whole(response)
                return
            refusal = self._application.submit(call)
            if refusal is not call.future and not call.future.done():
                call.future.set_result(refusal)

        def late():
            # type: () -> None
            pace.be_slow()
            call.keep_thread()
            self._application.deadlines.add(call)

        try:
            self._loop.call_bounded(job, then, late)
        except Unsupported as exc:      # no thread: those of the service may be there
            log.error('%s', exc)
            return False
        return True

    def _stuck(self, call):
        # type: (WSGICall) -> None
        self._pipeline.note_stuck(call.environ, 1)

    def _returned(self, call):
        # type: (WSGICall) -> None
        self._pipeline.note_stuck(call.environ, -1)

    def _answered(self, _answer):
        # type: (Future) -> None
        self._waiting -= 1

    def _flush(self):
        # type: () -> None
        self._timer = None
        self._pipeline.flush_old(self._loop.time())
        if self._waiting:
            self._timer = self._loop.call_later(HOLD_SECONDS, self._flush)

    def release(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._application is not None:
            self._application.close()
            self._pipeline.end()
        AppServer.release(self)


def _write(path, text):
    # type: (str, str) -> None
    try:
        with open(path, 'wb') as file:
            file.write(text.encode('utf-8'))
    except (IOError, OSError) as exc:
        raise UsageError(u'%s cannot be written: %s' % (path, exc.strerror))


class PipelineType(ServerType):
    """The base of the types."""

    version = 1
    listening = LISTENING


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.app.optionvalues import OptionValues
    from carryall.services.modpython.siteconfig import SiteConfig
    from carryall.services.wsgi.wsgicall import WSGICall
