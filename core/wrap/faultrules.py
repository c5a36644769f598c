# Copyright the carryall authors.  See LICENSE.
"""Faults: a server that fails on command, whatever its protocol.

    faults = Faults(loop)
    loop.listen_tcp(faults.wrap(SMTPFactory), ...)
    faults.add(Fault(b'RCPT', reply=b'451 4.3.0 later', times=2))

A fault acts on a command, a request or a piece of data of the client.  It can also act on a new
connection, on a data connection of FTP, or on a TLS handshake.  It replaces the reply, or spoils
it: later, octet by octet, cut off, as noise, not at all.

A server of command lines is asked at its command table, after its own checks.  A service that
knows its requests better than this module calls ``ask`` itself, HTTP for example.  The other
protocols are judged by each piece of data that comes.

Tests:    tests/core/wrap/test_faultrules.py
"""
from __future__ import absolute_import, division, print_function

import random
from collections import deque

from carryall.core.compat import int2byte, int_types, text_type, to_bytes
from carryall.core.errors import ConnectFailed, ConnectionLost, UsageError
from carryall.core.future import Future, completed
from carryall.core.line.commandserver import CommandServer
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import Wrapped
from carryall.core.net.transport import peer
from carryall.core.tls.context import TLSContext
from carryall.core.wrap.relay import Forwarding, Outer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

__all__ = ['CERTIFICATE', 'CERTIFICATES', 'CONNECT', 'DATA', 'EVENTS', 'Fault', 'FaultyContext',
           'FaultyLoop', 'Faults']

# -- limits ------------------------------------------------------------------
NOISE_OCTETS = 64           # of garbage if no number is given
MAX_NOISE = 1 << 20         # octets of garbage
SEED = 2718                 # garbage is the same in each run

# Events; a fault names one in lower case, or the beginning of a command.
CONNECT = b'connect'
DATA = b'data'
CERTIFICATE = b'certificate'
EVENTS = (CONNECT, DATA, CERTIFICATE)

# Octets that end a word that a fault names.
BEHIND_WORD = (b'', b' ', b'?', b':', b'\r', b'\n')

# What can be wrong with a certificate: the host name, the authority, the dates.
CERTIFICATES = ('name', 'authority', 'expired')

# Steps of spoiled output.
SEND, WAIT, CLOSE, RESET, END = range(5)

log = get_logger('faults')


class Fault(object):
    """One rule.

    Args:     when: the beginning of a command (b'RCPT', b'RCPT TO:<bob*', b'GET /a', b'/a'), one of
                    EVENTS; None for any command.
              reply: what is sent in place of the reply; None for the server's own.
              times: how often the rule acts; None for always.
              after: how many matches it lets pass first.
              delay: seconds before the reply.
              cut: octets of the reply after which the connection closes; True for half of it.
              reset: the connection is reset, in place of the reply or at the cut.
              close: the connection closes behind the reply that is given, or in place of one.
              trickle: seconds between two octets of the reply.
              garbage: octets of noise in place of the reply; True for NOISE_OCTETS.
              certificate: one of CERTIFICATES, for TLS handshakes.
    Raises:   UsageError: a value that cannot be.

    Attributes:
        hits: how often it has acted.
    """

    __slots__ = ('when', 'reply', 'times', 'after', 'delay', 'cut', 'reset', 'close', 'trickle',
                 'garbage', 'certificate', 'hits')

    def __init__(self, when=None, reply=None, times=1, after=0, delay=0.0, cut=None, reset=False,
                 close=False, trickle=0.0, garbage=0, certificate=None):
        # type: (Any, Any, Optional[int], int, float, Any, bool, bool, float, Any, Any) -> None
        if certificate is not None and when is None:
            when = CERTIFICATE
        self.when = None if when is None else to_bytes(when)
        self.reply = None if reply is None else to_bytes(reply)
        self.times = _whole('times', times, 1)
        self.after = _whole('after', after, 0) or 0
        self.delay = _seconds('delay', delay)
        self.cut = cut if cut is True else _whole('cut', cut, 0)
        self.reset = bool(reset)
        self.close = bool(close)
        self.trickle = _seconds('trickle', trickle)
        self.garbage = NOISE_OCTETS if garbage is True else _whole('garbage', garbage, 0) or 0
        self.certificate = certificate
        self.hits = 0
        self._check()

    def _check(self):
        # type: () -> None
        if (self.when == CERTIFICATE) != (self.certificate is not None):
            raise UsageError(u'a fault of the certificate is one of %s' % u', '.join(CERTIFICATES))
        if self.certificate is not None and self.certificate not in CERTIFICATES:
            raise UsageError(u'"%s" is none of %s' % (self.certificate, u', '.join(CERTIFICATES)))
        if self.garbage > MAX_NOISE:
            raise UsageError(u'garbage has at most %d octets' % MAX_NOISE)
        if not self.changes_something():
            raise UsageError(u'a fault needs a reply, delay, cut, reset, close, trickle, garbage '
                             u'or certificate')

    def changes_something(self):
        # type: () -> bool
        """True if the fault has an effect."""
        return bool(self.reply is not None or self.delay or self.cut is not None or self.reset
                    or self.close or self.trickle or self.garbage or self.certificate)

    def ends_at_once(self):
        # type: () -> bool
        """True if the connection ends in place of a reply."""
        return self.reply is None and not self.garbage and self.cut is None and (
            self.reset or self.close)

    def matches(self, what):
        # type: (bytes) -> bool
        """True if the fault is for the command *what*, or for the event of that name."""
        when = self.when
        if what in EVENTS or when in EVENTS:
            return when == what
        if when is None:
            return True
        when = when.upper()
        what = what.upper()
        if when[:1] == b'/':
            what = what.partition(b' ')[2]
        if when[-1:] == b'*':
            return what.startswith(when[:-1])
        return what.startswith(when) and what[len(when):len(when) + 1] in BEHIND_WORD


def _whole(name, value, least):
    # type: (str, Any, int) -> Optional[int]
    """*value* if it is None or a number from *least* on."""
    if value is None or value is False:
        return None
    if not isinstance(value, int_types) or value is True or value < least:
        raise UsageError(u'%s is a whole number from %d on, not %r' % (name, least, value))
    return value


def _seconds(name, value):
    # type: (str, Any) -> float
    if isinstance(value, (bytes, text_type)) or value is None or value < 0:
        raise UsageError(u'%s is a number of seconds, not %r' % (name, value))
    return float(value)


class Faults(object):
    """The faults of one server; the first that matches acts.

    Args:     clock: the loop.
              asked: the service calls ``ask`` for each request itself.

    Attributes:
        present: the connection whose input is being processed, or None.
    """

    def __init__(self, clock, asked=False):
        # type: (Any, bool) -> None
        self.clock = clock
        self.asked = asked
        self.present = None         # type: Any
        self._rows = []             # type: List[Tuple[int, Fault]]
        self._number = 0
        self._hits = {}             # type: Dict[int, Fault]
        self._random = None         # type: Any     # made when there is noise

    # -- the rules -------------------------------------------------------------------------------

    def add(self, fault):
        # type: (Fault) -> int
        """Puts *fault* behind those that are there; its number."""
        self._number += 1
        self._rows.append((self._number, fault))
        self._hits[self._number] = fault
        return self._number

    def remove(self, number=None):
        # type: (Optional[int]) -> None
        """Drops the fault with that number; None: all."""
        self._rows = [row for row in self._rows if number is not None and row[0] != number]

    def hits(self, number):
        # type: (int) -> int
        """How often a fault has acted, one that is used up or dropped too."""
        return self._hits[number].hits

    def take(self, what):
        # type: (bytes) -> Optional[Fault]
        """The fault that acts on *what*, which is counted; None if there is none."""
        for row in self._rows:
            fault = row[1]
            if not fault.matches(what):
                continue
            if fault.after:
                fault.after -= 1
                continue
            fault.hits += 1
            if fault.times is not None and fault.hits >= fault.times:
                self._rows.remove(row)
            log.info('a fault acts on %s', escape(what[:100]))
            return fault
        return None

    def noise(self, octets):
        # type: (int) -> bytes
        """Random octets; none of them ends a line."""
        if self._random is None:
            self._random = random.Random(SEED)
        return b''.join([int2byte(self._random.randrange(0x80, 0x100)) for _ in range(octets)])

    # -- connections -----------------------------------------------------------------------------

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose connections fail on command."""
        return Wrapped(lambda wrapped: _Faulty(self, wrapped.factory, CONNECT), factory)

    def wrap_data(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """The same for data connections."""
        return lambda: _Faulty(self, factory, DATA)

    def ask(self, what):
        # type: (bytes) -> Optional[Fault]
        """For a service: take the fault for *what*, and spoil the next output of the connection
        whose input is being processed.

        Returns:  the fault if it has replaced the reply, so that nothing is left to do; else None.
        """
        connection = self.present
        fault = None if connection is None else self.take(what)
        if fault is None or not connection.replace(fault):
            return None
        return fault


# -- one connection ------------------------------------------------------------------------------

class _Faulty(Forwarding):
    """A connection that may fail."""

    def __init__(self, faults, factory, event):
        # type: (Faults, Callable[[], Any], bytes) -> None
        self.output = None          # type: Any
        self.replaced = False       # the fault was all that the peer gets
        self._faults = faults
        self._factory = factory
        self._event = event
        self._commands = None       # type: Any     # the CommandServer, if it is one
        self._run_command = None    # type: Any     # its own method

    def connection_made(self, transport):
        self.transport = transport
        self.output = _Output(transport, self._faults)
        fault = self._faults.take(self._event)
        self.replaced = fault is not None and self.replace(fault)
        if self.replaced and self._event != DATA:
            return
        # The port that waits for a data connection gets this one, and its end.
        inner = self._factory()
        self.inner = inner
        inner.connection_made(self.output)
        while isinstance(inner, Forwarding):
            inner = inner.inner
        if isinstance(inner, CommandServer):
            self._commands = inner
            self._run_command = inner.run_command
            inner.run_command = self._run           # type: ignore

    def replace(self, fault):
        # type: (Fault) -> bool
        """Spoils the next output; true if the fault itself was the reply, or the end."""
        output = self.output
        if fault.ends_at_once():
            output.end(fault)
            return True
        output.arm(fault)
        if fault.reply is None:
            return False
        output.write(fault.reply)
        if self._commands is None:
            output.close()          # nothing else can be sent behind a reply that was made up
        return True

    def _run(self, command, method, args):
        # type: (Any, Any, Any) -> None
        """Obey a command, or fail."""
        fault = self._faults.take(b' '.join([command.verb] + list(args)))
        if fault is None:
            self._run_command(command, method, args)
            return
        commands = self._commands
        commands.flush()            # the replies before this one are whole
        if fault.ends_at_once():
            self.output.end(fault)
            return
        self.output.arm(fault)
        if fault.reply is None:
            self._run_command(command, method, args)
        else:
            commands.send_line(fault.reply.rstrip(b'\r\n'))
        commands.flush()

    def inner_transport(self, transport):
        before = self.output
        self.output = _Output(transport, self._faults)
        self.output.inherit(before)
        return self.output

    def data_received(self, data):
        faults = self._faults
        if self.inner is None:
            return
        self.output.hurry()
        before, faults.present = faults.present, self
        try:
            if self._commands is None and not faults.asked and self._event == CONNECT:
                fault = faults.take(data)
                if fault is not None and self.replace(fault):
                    return
            self.inner.data_received(data)
        finally:
            faults.present = before

    def connection_lost(self, exc):
        self.output.drop()
        if exc is None and self._event == DATA and self.output.lacks:
            exc = ConnectionLost(u'a fault has ended the data connection')
        Forwarding.connection_lost(self, exc)


class _Output(Outer):
    """The transport of a connection whose output may be spoiled: a queue of steps.

    Attributes:
        lacks: True if output was dropped.
    """

    def __init__(self, lower, faults):
        # type: (Any, Faults) -> None
        Outer.__init__(self, lower)
        self.write = self._write        # type: ignore
        self.write_eof = self._end      # type: ignore
        self.close = self._close        # type: ignore
        self.abort = self._abort        # type: ignore
        self._faults = faults
        self._fault = None              # type: Optional[Fault]     # for the next output
        self._left = None               # type: Optional[int]       # octets until the cut
        self._cut_resets = False
        self._trickle = 0.0             # seconds between octets
        self._steps = deque()           # type: Deque[Tuple[int, Any]]
        self._timer = None              # type: Any
        self._over = False              # nothing more is sent
        self.lacks = False

    # -- what spoils it --------------------------------------------------------------------------

    def arm(self, fault):
        # type: (Fault) -> None
        """Spoils the output from here on, until the peer sends something."""
        self._fault = fault

    def end(self, fault):
        # type: (Fault) -> None
        """Ends the connection as *fault* says, after what was written."""
        if fault.delay:
            self._step(WAIT, fault.delay)
        self._step(RESET if fault.reset else CLOSE, None)
        self._over = True
        self.lacks = True

    def hurry(self):
        # type: () -> None
        """The peer has sent something: the reply to it is not part of a spoiled one."""
        self._trickle = 0.0
        self._left = None

    def inherit(self, before):
        # type: (_Output) -> None
        """Takes over what was to happen, from the transport before TLS began or ended."""
        self._fault = before._fault
        self.lacks = before.lacks
        before.drop()

    def drop(self):
        # type: () -> None
        """Sends nothing that still waits."""
        self._over = True
        self._steps.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- a Transport -----------------------------------------------------------------------------

    def _write(self, data):
        # type: (bytes) -> None
        fault = self._fault
        self._fault = None
        if fault is not None:
            data = self._spoil(fault, data)
        if self._over:
            self.lacks = True
            return
        self._pass_on(data)
        if fault is not None and fault.close:
            self._step(CLOSE, None)
            self._over = True

    def _spoil(self, fault, data):
        # type: (Fault, bytes) -> bytes
        """Begins to spoil with *data*, what is sent in its place."""
        if fault.delay:
            self._step(WAIT, fault.delay)
        if fault.garbage:
            data = self._faults.noise(fault.garbage)
        if fault.cut is not None:
            self._left = len(data) // 2 if fault.cut is True else fault.cut
            self._cut_resets = fault.reset
        self._trickle = fault.trickle
        return data

    def _pass_on(self, data):
        # type: (bytes) -> None
        left = self._left
        if left is not None:
            self.lacks = self.lacks or len(data) > left
            data = data[:left]
            self._left = left - len(data)
        if self._trickle:
            for index in range(len(data)):
                if index or self._steps:
                    self._step(WAIT, self._trickle)
                self._step(SEND, data[index:index + 1])
        elif data:
            self._step(SEND, data)
        if self._left == 0:
            self._step(RESET if self._cut_resets else CLOSE, None)
            self._over = True

    def write_file(self, source, offset, count):
        if self._fault is None and self._left is None and not self._steps and not self._over \
                and not self._trickle:
            return self.lower.write_file(source, offset, count)
        source.seek(offset)
        self._write(source.read(count))
        # As of a connection that breaks: the end is heard, and not that all was written.
        return Future() if self.lacks else completed(count)

    def _close(self):
        # type: () -> None
        if not self._over:
            self._step(CLOSE, None)
            self._over = True

    def _end(self):
        # type: () -> None
        if not self._over:
            self._step(END, None)

    def _abort(self):
        # type: () -> None
        self.drop()
        self.lower.abort()

    def is_reading(self):
        return self.lower.is_reading() and not self._over

    # -- the queue -------------------------------------------------------------------------------

    def _step(self, kind, value):
        # type: (int, Any) -> None
        self._steps.append((kind, value))
        if self._timer is None:
            self._work()

    def _work(self):
        # type: () -> None
        self._timer = None
        steps = self._steps
        lower = self.lower
        while steps:
            kind, value = steps.popleft()
            if kind == WAIT:
                self._timer = self._faults.clock.call_later(value, self._work)
                return
            if kind == SEND:
                lower.write(value)
            elif kind == CLOSE:
                lower.close()
            elif kind == RESET:
                log.info('%s is reset', peer(lower))
                lower.abort()
            else:
                lower.write_eof()


# -- the machine's side --------------------------------------------------------------------------

class FaultyLoop(object):
    """A loop whose servers fail on command; all else is the loop's own.

    A StreamServer that is started on it puts ``policy`` in front of its protocols.  What else
    listens or connects is a data connection.

    Attributes:
        policy: the Faults.
        beneath: the loop.
    """

    def __init__(self, loop, faults):
        # type: (Any, Faults) -> None
        self.beneath = loop
        self.policy = faults

    def __getattr__(self, name):
        return getattr(self.beneath, name)

    def listen_tcp(self, factory, host='127.0.0.1', port=0, *more, **named):
        # type: (Callable[[], Any], str, int, *Any, **Any) -> Any
        """As a loop's."""
        return self.beneath.listen_tcp(self.policy.wrap_data(factory), host, port, *more, **named)

    def connect_tcp(self, factory, host, port, *more, **named):
        # type: (Callable[[], Any], str, int, *Any, **Any) -> Future
        """As a loop's."""
        connecting = self.beneath.connect_tcp(self.policy.wrap_data(factory), host, port, *more,
                                              **named)
        return connecting.then(_made)


def _made(pair):
    # type: (Tuple[Any, Any]) -> Tuple[Any, Any]
    """The transport and the protocol of a connection that was made.

    Raises:   ConnectFailed: a fault has taken the connection, and the protocol was not made.
    """
    faulty = pair[1]
    if faulty.replaced:
        raise ConnectFailed(u'a fault has ended the data connection')
    return faulty.output, faulty.inner


class FaultyContext(TLSContext):
    """A TLSContext of a server that shows a wrong certificate if a fault asks for one.

    Args:     faults: a Faults.
              wrong: {one of CERTIFICATES: Identity}.
              identity, named: as TLSContext has them.
    """

    def __init__(self, faults, identity, wrong, **named):
        # type: (Faults, Any, Dict[str, Any], **Any) -> None
        TLSContext.__init__(self, identity, **named)
        self._faults = faults
        self._wrong = dict((name, TLSContext(each, **named)) for name, each in wrong.items())

    def session(self, provider, server_side, hostname=None):
        fault = self._faults.take(CERTIFICATE)
        if fault is None:
            return TLSContext.session(self, provider, server_side, hostname)
        return self._wrong[fault.certificate].session(provider, server_side, hostname)
