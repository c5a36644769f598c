# Copyright the carryall authors.  See LICENSE.
"""AUTH from the client's side, for SMTP and POP3 (RFC 4954, RFC 5034).

Tests:    tests/protocols/smtp/test_client.py, tests/protocols/pop3/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth import sasl
from carryall.core.net.transport import tls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional

__all__ = ['choose']


def choose(client, names, username, password, clear=False, mechanism=None):
    # type: (Any, Iterable[bytes], str, bytes, bool, Optional[str]) -> Any
    """The mechanism for this connection: the best of *names*, or *mechanism*.

    Args:     client: a protocol with ``transport`` and ``clock``.
              clear: whether the password may be shown without TLS.
    Raises:   sasl.NoMechanism: there is none that fits.
    """
    given = {'username': username, 'password': password, 'tls': tls(client.transport)}
    if mechanism is not None:
        return sasl.client(mechanism, client.clock, clear, **given)
    return sasl.choose(names, client.clock, clear, **given)
