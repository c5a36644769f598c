# Copyright the carryall authors.  See LICENSE.
"""TLS for commands that are clients: their options, the context that these make, and what --verbose
says of a connection.

Trust:    the authorities of the machine (on Jython those of the JDK), or those of --ca alone.  The
          name is always checked with the chain; only --insecure takes that away, and both at once.
Secrets:  what an encrypted --key is locked with comes from the environment (CARRYALL_PASSPHRASE),
          never from the command line, where every user of the machine can read it.
Tests:    tests/commands/test_clienttls.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import os

from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.app.optiontypes import Path
from carryall.core.logs import escape
from carryall.app.options import Flag, Option
from carryall.core.tls import Identity, TLSContext
from carryall.core.tls.certificates import fingerprint, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['OPTIONS', 'PASSPHRASE_VARIABLE', 'check', 'context_of', 'describe', 'ready']

PASSPHRASE_VARIABLE = 'CARRYALL_PASSPHRASE'

OPTIONS = [
    Option('ca', Path('file'), help='PEM file of the authorities to trust, in place of those of '
                                    'the machine'),
    Flag('insecure', short='k', help='accept any certificate: an attacker on the way can then '
                                     'read and change everything'),
    Option('cert', Path('file'), help='PEM file of a certificate to show to the server'),
    Option('key', Path('file'), help='PEM file of its private key; that of --cert unless given'),
]


def check(options):
    # type: (OptionValues) -> None
    """UsageError where the options contradict each other."""
    if options.insecure and options.ca is not None:
        raise UsageError(u'--insecure trusts everybody, and --ca only some: which is it?')
    if options.key is not None and options.cert is None:
        raise UsageError(u'--key is for a certificate, and there is no --cert')


def ready(context, loop):
    # type: (TLSContext, Any) -> TLSContext
    """*context*, whose files are read now:
    what is wrong with them is said before anybody is connected to.

    Raises:   UsageError.
    """
    if loop.caps.tls and (context.trust is not None or context.identity is not None):
        context.prepare(loop.tls, False)
    return context


def context_of(options, alpn=()):
    # type: (OptionValues, Sequence[str]) -> TLSContext
    """The TLSContext of the options; its files are read by ``ready``, or by a connection."""
    identity = None
    if options.cert is not None:
        identity = Identity(options.cert, options.key, os.environ.get(PASSPHRASE_VARIABLE))
    return TLSContext(identity, options.ca, alpn=alpn, verify=not options.insecure)


def describe(via, options):
    # type: (Any, OptionValues) -> List[str]
    """Lines that tell of the connection of a response (``clientresponse.Via``)."""
    lines = [u'%s%s' % (via.peer, u'' if via.timing is None else _spans(via.timing))]
    agreed = via.tls
    if agreed is None:
        return lines
    words = [agreed.version, agreed.cipher, agreed.alpn and u'ALPN %s' % agreed.alpn,
             u'an earlier session goes on' if agreed.resumed else None]
    lines.append(u', '.join(u'%s' % escape(word) for word in words if word))
    if agreed.peer_certificate:
        lines.append(_certificate(agreed.peer_certificate))
    if options.insecure:
        lines.append(u'NOT VERIFIED: this may be anybody')
    return lines


def _spans(timing):
    # type: (Any) -> str
    named = zip((u'resolved', u'connected', u'TLS'), timing)
    return u': ' + u', '.join(u'%s in %.0f ms' % (name, 1000 * seconds) for name, seconds in named
                              if seconds is not None)


def _certificate(der):
    # type: (bytes) -> str
    shown = u'certificate '
    try:
        one = parse(der)
    except RemoteProtocolError:
        one = None
    if one is not None:
        until = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=one.not_after)
        names = u', '.join(one.names[:10]) or u'nobody'
        shown += u'%s, for %s, from %s, until %s UTC, ' % (one.subject, names, one.issuer,
                                                           until.isoformat(' '))
    return u'%s' % escape(shown + u'SHA-256 ' + fingerprint(der))
