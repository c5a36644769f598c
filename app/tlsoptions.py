# Copyright the carryall authors.  See LICENSE.
"""The options of a service that has a certificate: its file, its key, and the TLSContext of both.

    TLS = TLSOptions(key='k', group='TLS')
    ...
    context = TLS.context(options, loop)        # None without --certificate

Tests:    tests/app/test_optiongroup.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option
from carryall.app.optiontypes import CertificatePath, Path
from carryall.core.errors import UsageError
from carryall.core.tls import Identity, TLSContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.app.optionvalues import OptionValues

__all__ = ['TLSOptions']

HELP = 'PEM file of the certificate, and of its key unless --key names another'
KEY_HELP = 'PEM file of the key'
TRUST_HELP = 'PEM file of the authorities to trust, in place of those of the machine'


class TLSOptions(OptionGroup):
    """``--certificate`` and ``--key``; with ``--trust`` for a client.

    Args:     key:    letter of ``--key``.
              trust:  add ``--trust``.
              group:  heading in the help.
    """

    def __init__(self, key=None, trust=False, group='options', help=HELP):
        # type: (Optional[str], bool, str, str) -> None
        found = [Option('certificate', CertificatePath(), 'c', help=help, group=group),
                 Option('key', Path('file'), key, help=KEY_HELP, group=group)]
        if trust:
            found.insert(0, Option('trust', Path('file'), help=TRUST_HELP, group=group))
        self._has_trust = trust
        OptionGroup.__init__(self, found)

    def check(self, options):
        # type: (OptionValues) -> None
        """Raises UsageError for a key without a certificate."""
        if options.key is not None and options.certificate is None:
            raise UsageError(u'--key needs --certificate')

    def context(self, options, loop):
        # type: (OptionValues, Any) -> Optional[TLSContext]
        """The context of a server, None without a certificate; its files are read now.

        Raises:   UsageError: a file cannot be used.  Unsupported: there is no TLS here.
        """
        if options.certificate is None:
            return None
        return self._prepared(TLSContext(self._identity(options)), loop, True)

    def client_context(self, options, loop):
        # type: (OptionValues, Any) -> TLSContext
        """The context of a client that shows the certificate, if there is one;
        raises as `context`."""
        identity = None if options.certificate is None else self._identity(options)
        trust = options.trust if self._has_trust else None
        return self._prepared(TLSContext(identity, trust), loop, False)

    @staticmethod
    def _identity(options):
        # type: (OptionValues) -> Identity
        return Identity(options.certificate, options.key)

    @staticmethod
    def _prepared(context, loop, server):
        # type: (TLSContext, Any, bool) -> TLSContext
        loop.caps.require('tls')
        context.prepare(loop.tls, server)
        return context
