# Copyright the carryall authors.  See LICENSE.
"""Settings of an SMTP or LMTP server, and of a client.

    Settings(hostname=b'mx.example', max_size=10 << 20)
    ClientSettings(policy=MUST, username=u'anna', password=b'secret')

Tests:    tests/protocols/smtp/test_server.py, test_leniency.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.errors import UsageError
from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['ClientSettings', 'MAY', 'MEND', 'MUST', 'NONE', 'REJECT', 'Settings', 'WRAPPED']

REJECT = 'reject'
MEND = 'mend'


def no_host(host):
    # type: (str) -> bool
    """Trusts no host."""
    return False


ROWS = (
    ('hostname', b'localhost', u'our name in the greeting and in replies (bytes)'),
    ('lmtp', False, u'speak LMTP instead of SMTP (RFC 2033)'),
    ('esmtp', True, u'accept EHLO; without it the server speaks RFC 821 alone'),
    ('submission', False, u'a message submission server (RFC 6409): MAIL needs AUTH'),
    ('tls', None, u'a TLSContext for STARTTLS, or None'),
    ('require_tls', False, u'refuse MAIL before STARTTLS'),
    ('mechanisms', None,
     u'names of SASL mechanisms that may be offered; None: all that the portal allows'),
    ('clear_auth', False, u'offer mechanisms that show the password without TLS too'),
    # peer: mutt 2.2.12 picks the -PLUS form and has nothing to bind it to.
    ('channel_binding', False, u'offer SCRAM in its -PLUS form'),
    ('lone_ends', REJECT, u'REJECT or MEND: what to do with a message that has a lone CR or LF'),
    ('strict_pipelining', True, u'refuse a client that does not wait where RFC 2920 says it must'),
    # Postfix accepts with its defaults: addresses beyond the grammar, blanks in the name of HELO,
    # parameters and AUTH after HELO.
    ('strict', False, u'refuse what RFC 5321 and RFC 4954 forbid and Postfix accepts'),
    ('strict_hello', False, u'refuse a HELO whose name is neither a domain nor an address'),
    ('blank_after_colon', True, u'accept "MAIL FROM: <a@b>" too'),
    ('greet_seconds', 0.0, u'seconds before the greeting; a client that speaks earlier is refused'),
    ('vrfy', False, u'let VRFY and EXPN disclose addresses'),
    ('trusted', no_host, u'a function host -> bool: may it use XCLIENT and XFORWARD?'),
    ('max_size', 32 << 20, u'octets of a message (RFC 5321 section 4.5.3.1.7: 64 KiB at least)'),
    ('max_recipients', 1000, u'of one message (RFC 5321 section 4.5.3.1.8: 100 at least)'),
    ('idle_seconds', 300.0, u'without a command (RFC 5321 section 4.5.3.2.7: five minutes)'),
    ('data_idle_seconds', 180.0, u'between two blocks of a message (RFC 5321 section 4.5.3.2.5)'),
    ('message_seconds', 1800.0, u'for a whole message'),
    ('message_start_seconds', 300.0, u'for a message, before message_rate gives it more time'),
    ('message_rate', 500, u"octets a second (Postfix's smtpd_min_data_rate); 0: no minimum"),
    ('unproductive_seconds', UNPRODUCTIVE_SECONDS, u'from one message to the end of the next'),
)


class Settings(Record):
    """Immutable values for all connections of a listener; ``Settings.rows`` describes each.

    Raises:   UsageError: ``lone_ends`` is neither REJECT nor MEND.
    """

    __slots__ = names_of(ROWS)
    rows = ROWS

    def checked(self, values):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        """The values, if they are possible."""
        if values['lone_ends'] not in (REJECT, MEND):
            raise UsageError(u'lone_ends is reject or mend')
        return Record.checked(self, values)


# -- client ------------------------------------------------------------------

# The TLS policy of a client.
NONE = 'none'               # nothing
MAY = 'may'                 # STARTTLS if it is offered and works, with any certificate (RFC 7435)
MUST = 'must'               # STARTTLS, with a certificate that is verified
WRAPPED = 'wrapped'         # TLS from the first octet on (RFC 8314)

CLIENT_ROWS = (
    ('hostname', b'localhost', u'the name that we give ourselves in EHLO (bytes)'),
    ('lmtp', False, u'speak LMTP'),
    ('policy', MAY, u'NONE, MAY, MUST or WRAPPED'),
    ('tls', None, u"a TLSContext; None: the machine's authorities, or none under MAY"),
    ('username', None, u'account for AUTH (text); None: no login'),
    ('password', None, u'of that account (bytes)'),
    ('clear_auth', False, u'show the password without TLS too'),
    ('mechanism', None, u'of SASL; None: the best that both sides have'),
    ('path', None, u'a Unix socket to connect to in place of host and port'),
    ('timeout', 60.0, u'seconds to connect'),
    ('greeting_seconds', 300.0, u'until the greeting (RFC 5321 section 4.5.3.2.1)'),
    ('command_seconds', 300.0, u'for MAIL, RCPT and others (section 4.5.3.2.2 and .3)'),
    ('data_seconds', 120.0, u'from DATA to 354 (section 4.5.3.2.4)'),
    ('block_seconds', 180.0, u'until the next piece of a message can be sent (section 4.5.3.2.5)'),
    ('end_seconds', 600.0, u'from the end of a message to its reply (section 4.5.3.2.6)'),
)


class ClientSettings(Record):
    """How a client talks with a server; ``ClientSettings.rows`` describes each value.

    Raises:   ValueError: the policy is unknown.
    """

    __slots__ = names_of(CLIENT_ROWS)
    rows = CLIENT_ROWS

    def checked(self, values):
        # type: (Dict[str, Any]) -> Dict[str, Any]
        """The values, if they are possible."""
        if values['policy'] not in (NONE, MAY, MUST, WRAPPED):
            raise ValueError('unknown TLS policy %s' % values['policy'])
        return Record.checked(self, values)

    def may_go_in_clear(self):
        # type: () -> bool
        """True if mail may go in clear to a server whose TLS does not work."""
        verified = self.tls is not None and self.tls.verify
        return self.policy == MAY and not verified and (self.username is None or self.clear_auth)


# -- former names ------------------------------------------------------------

class Delivery(ClientSettings):
    """The former name of ClientSettings, with the former names of its values.

    Raises:   TypeError: a *connector* is given; a loop that connects by a proxy takes its place.
    """

    __slots__ = ()

    def __init__(self, hostname=b'localhost', tls=MAY, context=None, username=None, password=None,
                 clear=False, mechanism=None, lmtp=False, path=None, connector=None, seconds=60.0):
        # type: (...) -> None
        warnings.warn('carryall.protocols.smtp.sending.Delivery is'
                      ' carryall.protocols.smtp.ClientSettings now', DeprecationWarning, 2)
        if connector is not None:
            raise TypeError('a Delivery has no connector: give send() a loop that is a'
                            ' carryall.app.proxies.Through')
        ClientSettings.__init__(self, hostname=hostname, policy=tls, tls=context,
                                username=username, password=password, clear_auth=clear,
                                mechanism=mechanism, lmtp=lmtp, path=path, timeout=seconds)

    def replace(self, **chosen):
        # type: (**Any) -> ClientSettings
        """A ClientSettings with the *chosen* values in place of these."""
        values = self.as_dict()
        values.update(chosen)
        return ClientSettings(**values)
