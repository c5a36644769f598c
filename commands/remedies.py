# Copyright the carryall authors.  See LICENSE.
"""Remedies: the half sentence behind an error that says what to do about it.

    cannot listen on 127.0.0.1:8080: Address already in use; try -p 8081

Tests:    tests/commands/test_remedies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import parse_endpoint
from carryall.app.optionvalues import value_of
from carryall.core.compat import text_type
from carryall.core.errors import IN_USE, NOT_OURS, NOT_PERMITTED, ListenFailed, UsageError
from carryall.core.net.protocol import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.app.options import Schema
    from carryall.app.optionvalues import OptionValues

__all__ = ['free_port', 'with_remedy']

# -- limits ------------------------------------------------------------------
TRIES = 50                  # ports that are tried
FIRST_FREE = 1024           # the lowest port that everybody may listen on
ABOVE = 8000                # what is added to a privileged port: 80 becomes 8080, 25 8025


def with_remedy(fault, schema, options, make_loop):
    # type: (ListenFailed, Schema, OptionValues, Callable[[], Any]) -> ListenFailed
    """The same error, with an option that helps if one is known.

    Args:     options:   of the service that could not listen.
              make_loop: makes a loop, to look for a free port with.
    """
    address = fault.address
    if address is None or address[1] is None:
        return fault
    hint = u''
    if fault.why == NOT_OURS:
        hint = u'; the address is none of this machine: 127.0.0.1 is, and 0.0.0.0 means all of them'
    elif fault.why in (IN_USE, NOT_PERMITTED):
        privileged = fault.why == NOT_PERMITTED and address[1] < FIRST_FREE
        first = address[1] + (ABOVE if privileged else 1)
        port = free_port(make_loop, address[0], first)
        word = None if port is None else _word(schema, options, address[1], port)
        if word is not None:
            hint = u'; try %s' % word
        if privileged:
            hint += u' (a port below %d needs root)' % FIRST_FREE
    return ListenFailed(fault.message + hint, fault.cause, address, fault.why)


def free_port(make_loop, host, first):
    # type: (Callable[[], Any], str, int) -> Optional[int]
    """A port from *first* on that can be listened on now; None if none is found."""
    loop = make_loop()
    try:
        for port in range(first, min(first + TRIES, 65536)):
            try:
                loop.listen_tcp(Protocol, host, port).close()
            except ListenFailed:
                continue
            return port
    finally:
        loop.close()
    return None


def _word(schema, options, taken, port):
    # type: (Schema, OptionValues, int, int) -> Optional[str]
    """The option that moves the listener from the port *taken*; None if none does."""
    for option in schema.options:
        if not option.takes_value or option.kind.metavar != 'ENDPOINT':
            continue
        value = value_of(options, option)
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if isinstance(text, text_type) and _port_of(text) == taken:
                moved = text.replace(u':%d' % taken, u':%d' % port, 1)
                return _spelled(option, moved[4:] if moved == u'tcp:%d' % port else moved)
    for option in schema.options:
        # A repeated option has no default of its own: the service knows its port.
        if option.name == 'port' and value_of(options, option) in (None, []):
            return _spelled(option, u'%d' % port)
    return None


def _port_of(text):
    # type: (str) -> Optional[int]
    try:
        return parse_endpoint(text).port
    except UsageError:          # `none`, which is no endpoint
        return None


def _spelled(option, value):
    # type: (Any, str) -> str
    if option.name == 'port' and option.short:
        return u'-%s %s' % (option.short, value)
    return u'--%s %s' % (option.name, value)
