# Copyright the carryall authors.  See LICENSE.
"""Lifespan: the call of an application for its whole life (ASGI 3, Lifespan protocol).

An application that raises before it has completed its startup does not know the protocol, and is
served all the same.

Tests:    tests/services/asgi/test_lifespan_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError, LocalProtocolError, TimedOut
from carryall.core.future import Future, run_task, with_timeout
from carryall.core.logs import get_logger

__all__ = ['Lifespan', 'StartupFailed']

log = get_logger('asgi')


class StartupFailed(CarryallError):
    """The application said lifespan.startup.failed, or did not complete its startup in time."""


class Lifespan(object):
    """The lifespan of one application.

    Args:     app:      the application.
              scope:    of the lifespan.
              settings: a Settings.
              loop:     the loop.
    """

    def __init__(self, app, scope, settings, loop):
        self._app = app
        self._scope = scope
        self._settings = settings
        self._loop = loop
        self._task = None
        self._started = Future()
        self._stopping = Future()
        self._stopped = Future()
        self._asked = 0             # calls of receive()

    def start(self):
        """A Future of the startup; StartupFailed."""
        self._task = run_task(self._run())
        return with_timeout(self._loop, self._started, self._settings.startup_seconds,
                            'the application does not complete its startup')

    def stop(self):
        """A Future of the shutdown; it fails if the application says so, or takes too long."""
        if self._stopped.done():
            return self._stopped
        self._stopping.set_result(None)
        return with_timeout(self._loop, self._stopped, self._settings.shutdown_seconds,
                            'the application does not complete its shutdown').then(
                                None, self._give_up)

    def _give_up(self, error):
        if isinstance(error, TimedOut):
            self._stopped.cancel()
            self._task.cancel()
        raise error

    async def _run(self):
        error = None
        try:
            await self._app(self._scope, self.receive, self.send)
        except FAILURES as exc:
            error = exc
        except BaseException:
            self._end(LocalProtocolError('the lifespan was cancelled'))
            raise
        if not self._started.done():
            log.info('the application has no lifespan: %r', error)
            self._started.set_result(None)
            error = None
        elif error is not None and not self._stopped.done() and not self._started.exception():
            log.error('the lifespan of the application failed', exc_info=(
                type(error), error, error.__traceback__))
        self._end(error)

    def _end(self, error):
        if not self._started.done():
            self._started.set_exception(error)
        if self._stopped.done():
            return
        if error is not None:
            self._stopped.set_exception(error)
        else:
            self._stopped.set_result(None)

    async def receive(self):
        """lifespan.startup, and later lifespan.shutdown."""
        self._asked += 1
        if self._asked == 1:
            return {'type': 'lifespan.startup'}
        await self._stopping
        return {'type': 'lifespan.shutdown'}

    async def send(self, message):
        """Takes the outcome of one of them."""
        kind = message['type']
        if kind == 'lifespan.startup.complete' and not self._started.done():
            self._started.set_result(None)
        elif kind == 'lifespan.startup.failed' and not self._started.done():
            self._started.set_exception(StartupFailed(
                u'the application failed to start: %s' % message.get('message', '')))
        elif kind == 'lifespan.shutdown.complete' and not self._stopped.done():
            self._stopped.set_result(None)
        elif kind == 'lifespan.shutdown.failed' and not self._stopped.done():
            self._stopped.set_exception(CarryallError(
                u'the application failed to stop: %s' % message.get('message', '')))
        else:
            raise LocalProtocolError('%s cannot be sent now' % kind)
