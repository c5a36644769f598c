# Copyright the carryall authors.  See LICENSE.
"""ChildRunner: servers for tests in a process of their own, on another runtime or out of an
artifact.

All servers of a runner share one process, ``carryall test-server``.  It hears questions on its
stdin, and ends when that ends: when this process is gone, whatever ended it.

Tests:    tests/house/testservers/test_runners.py
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import subprocess
import tempfile
import threading
from collections import deque

from carryall.core.codec.jsonvalues import dump_line, parse_line
from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, RemoteProtocolError, Unsupported, UsageError
from carryall.embedded import Certificates
from carryall.separate import command_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Deque, Dict, List, Optional

__all__ = ['ChildRunner']

# Until a server listens: each kind loads modules of its own, and four cold JVMs on two cores that
# other work keeps busy took more than 60.
START_SECONDS = 300.0
ANSWER_SECONDS = 60.0       # for any other answer, once the process has started
STOP_SECONDS = 20.0         # from the end of stdin to that of the process; then it is killed
LINES_KEPT = 200            # of stderr, for the error that tells of a process that ended

FAULTS = {'usage': UsageError, 'unsupported': Unsupported, 'failed': CarryallError}


class ChildRunner(object):
    """Runs servers in another process; a context manager.

    Args:     where: as ``carryall.separate.command_of`` has it.
              certificates: a Certificates to share; one of its own if not given.
    Raises:   UsageError: there is no such runtime or artifact.

    Attributes:
        here: False; objects of this process cannot be served.
        pid: of the process.
    """

    here = False

    def refuse(self, text):
        # type: (str) -> None
        """Raises what tells that something cannot be served; pytest's fixtures skip the test."""
        raise Unsupported(text_type(text))

    def __init__(self, where, certificates=None):
        # type: (str, Optional[Certificates]) -> None
        self._where = where
        self._own = Certificates() if certificates is None else None
        self.certificates = certificates or self._own       # type: Any
        self._changed = threading.Condition()
        self._number = 0
        self._answers = {}          # type: Dict[int, Any]
        self._said = deque(maxlen=LINES_KEPT)       # type: Deque[str]
        self._started = False
        self._ended = False
        self._folder = tempfile.mkdtemp(prefix='carryall-servers-')
        try:
            command, variables = command_of(where, self._folder)
            self._command = command + ['test-server']
            # A question names the folder that relative paths begin at.  Python looks for modules
            # in the folder that it is started in, so that must be an empty one that stays.
            empty = os.path.join(self._folder, 'empty')
            os.mkdir(empty)
            # py2: without close_fds a second child keeps this one's stdin open.
            self._child = subprocess.Popen(
                self._command, env=dict(os.environ, **variables), cwd=empty, close_fds=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except (UsageError, OSError):
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.pid = self._child.pid
        self._threads = [self._reader(self._hear), self._reader(self._gather)]

    def _reader(self, target):
        # type: (Any) -> threading.Thread
        thread = threading.Thread(target=target, name='carryall test servers')
        thread.daemon = True
        thread.start()
        return thread

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    # -- threads -------------------------------------------------------------------------------

    def _hear(self):
        # type: () -> None
        pipe = self._child.stdout       # type: Any
        for line in iter(pipe.readline, b''):
            try:
                answer = parse_line(line)
            except RemoteProtocolError:
                self._said.append(line.decode('utf-8', 'replace'))
                continue
            with self._changed:
                self._answers[answer['id']] = answer
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _gather(self):
        # type: () -> None
        pipe = self._child.stderr       # type: Any
        for line in iter(pipe.readline, b''):
            self._said.append(line.decode('utf-8', 'replace'))

    # -- questions -----------------------------------------------------------------------------

    def begin(self, kind, options):
        # type: (str, Any) -> Any
        """Starts a server; (number, places)."""
        return self._ask(START_SECONDS, do=u'begin', kind=text_type(kind), options=options,
                         folder=text_type(os.getcwd()))

    def restart(self, number, options):
        # type: (int, Any) -> Any
        """Starts a server again; its places."""
        return self._ask(START_SECONDS, do=u'restart', number=number, options=options)

    def stop(self, number):
        # type: (int) -> None
        """Stops a server."""
        self._ask(0.0, do=u'stop', number=number)

    def end(self, number):
        # type: (int) -> None
        """Stops a server for good."""
        self._ask(0.0, do=u'end', number=number)

    def call(self, number, name, seconds, options):
        # type: (int, str, float, Any) -> Any
        """The value of a server's call; *seconds* is what the call itself may take."""
        return self._ask(seconds, do=u'call', number=number, name=text_type(name), options=options)

    def _ask(self, seconds, **question):
        # type: (float, **Any) -> Any
        with self._changed:
            self._number += 1
            number = self._number
            seconds += ANSWER_SECONDS
            if not self._started:
                seconds = max(seconds, START_SECONDS)
            self._tell(dump_line(dict(question, id=number)))
            timer = threading.Timer(seconds, self._child.kill)
            timer.daemon = True
            timer.start()
            try:
                while number not in self._answers:
                    if self._ended:
                        raise RuntimeError('%s ended or did not answer within %g seconds; it said:'
                                           '\n%s' % (' '.join(self._command), seconds,
                                                     self._told()))
                    self._changed.wait(1.0)
            finally:
                timer.cancel()
            self._started = True
            answer = self._answers.pop(number)
        fault = answer.get('fault')
        if fault is None:
            return answer['value']
        raise FAULTS.get(str(fault['kind']), RuntimeError)(fault['text'])

    def _tell(self, line):
        # type: (bytes) -> None
        pipe = self._child.stdin        # type: Any
        try:
            pipe.write(line)
            pipe.flush()
        except (IOError, OSError, ValueError):
            self._ended = True          # the waiting call reports the child's last lines

    def _told(self):
        # type: () -> str
        for thread in self._threads:
            thread.join(1.0)
        return ''.join([line if isinstance(line, str) else line.encode('utf-8')
                        for line in self._said])

    # -- the end -------------------------------------------------------------------------------

    def close(self):
        # type: () -> None
        """Ends the servers and their process.

        Raises:   RuntimeError: the process did not end well.
        """
        child = self._child             # type: Any
        # One that is still starting reads its stdin when it has.
        seconds = STOP_SECONDS if self._started else START_SECONDS
        timer = threading.Timer(seconds, child.kill)
        timer.daemon = True
        timer.start()
        try:
            child.stdin.close()
        except (IOError, OSError):      # it is gone already
            pass
        status = child.wait()
        timer.cancel()
        told = self._told()
        child.stdout.close()
        child.stderr.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._own is not None:
            self._own.close()
        if status:
            raise RuntimeError('%s ended with status %d; it said:\n%s'
                               % (' '.join(self._command), status, told))
