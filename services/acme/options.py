# Copyright the carryall authors.  See LICENSE.
"""The options of certificates by ACME.

    carryall web --path site -p 80 --https 443 --acme shop.example --acme-agree --interface 0.0.0.0

Tests:    tests/services/acme/test_webacme.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.home import in_home
from carryall.app.options import Flag, Option
from carryall.app.optiontypes import Choice, Path, Text
from carryall.core.compat import text_type
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.core.tls.context import canonical_name

__all__ = ['OPTIONS', 'certificate_of', 'check', 'folder_of', 'make_renewal']

GROUP = 'acme'
FOLDER = u'.carryall-acme'
LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
CHALLENGES = (u'http-01', u'tls-alpn-01')
MAX_NAMES = 100             # of one certificate; authorities allow about as many


class DomainName(Text):
    """The name of a host, for a certificate."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 253)

    def parse(self, text):
        name = Text.parse(self, text)
        try:
            name = u'' + canonical_name(name)
        except (UnicodeError, ValueError):
            raise UsageError(u'"%s" is not the name of a host' % text)
        self.check(name)
        return name

    def check(self, value):
        Text.check(self, value)
        labels = value.split(u'.')
        if value.startswith(u'*') or canonical(value) or len(labels) < 2 \
                or not all(label.replace(u'-', u'').isalnum() for label in labels):
            raise UsageError(u'"%s" is not the full name of a host such as shop.example; for names '
                             u'with * authorities want a record in the DNS, which is not made here'
                             % value)


OPTIONS = [
    Option('acme', DomainName(), repeat=True, group=GROUP,
           help='get a certificate for this name from an authority (RFC 8555), and renew it; all '
                'names are in one certificate'),
    Flag('acme-agree', group=GROUP, help='agree to the terms of service of the authority'),
    Option('acme-directory', Text(1, 1024, 'URL'), default=LETS_ENCRYPT, group=GROUP,
           help='directory of the authority'),
    Option('acme-challenge', Choice(CHALLENGES), default='tls-alpn-01', group=GROUP,
           help='proof to the authority: http-01 must be reached on port 80, tls-alpn-01 on port '
                '443'),
    Option('acme-contact', Text(3, 255, 'ADDRESS'), repeat=True, group=GROUP,
           help='mail address of the account, for the authority'),
    Option('acme-folder', Path('new'), group=GROUP,
           help='folder of the account and the certificates; .carryall-acme in the home folder '
                'unless given'),
    Option('acme-trust', Path('file'), group=GROUP,
           help='PEM file of the authorities of --acme-directory, in place of those of the '
                'machine'),
]


def folder_of(options):
    # type: (OptionValues) -> str
    """The folder of the account and the certificates."""
    if options.acme_folder is not None:
        return options.acme_folder      # type: ignore
    return in_home(FOLDER, u'--acme-folder FOLDER')


def certificate_of(options):
    # type: (OptionValues) -> str
    """The path of the certificate, with its key."""
    return os.path.join(folder_of(options), options.acme[0] + u'.pem')


def check(options, served, has_tls):
    # type: (OptionValues, List[str], bool) -> None
    """Raises UsageError for options that contradict each other.

    Args:     served: folders that are served.
              has_tls: true if there is a listener for https.
    """
    if not options.acme:
        return
    if not has_tls:
        raise UsageError(u'--acme makes a certificate for https, and needs --https PORT')
    if not options.acme_agree:
        raise UsageError(u'an account of %s means that you agree to its terms: read them, then add '
                         u'--acme-agree' % options.acme_directory)
    if len(options.acme) > MAX_NAMES:
        raise UsageError(u'--acme: a certificate is for %d names at the most' % MAX_NAMES)
    for name in options.acme:
        if options.acme.count(name) > 1:
            raise UsageError(u'duplicate --acme %s' % name)
    # Imported here: a site without ACME has no client of HTTP.
    from carryall.services.acme.acmeclient import check_url
    check_url(options.acme_directory)
    folder = os.path.join(folder_of(options), u'')
    for root in served:
        if folder.startswith(os.path.join(root, u'')):
            raise UsageError(u'the folder of the keys, %s, would be served: name another by '
                             u'--acme-folder' % folder)


def make_renewal(options, loop, reload):
    # type: (OptionValues, Any, Callable[[], None]) -> Any
    """The Renewal of the options, or None."""
    if not options.acme:
        return None
    from carryall.services.acme.renewal import Renewal, RenewalSettings
    contact = tuple(address if u':' in address else u'mailto:' + address
                    for address in options.acme_contact)
    return Renewal(loop, RenewalSettings(
        directory=str(options.acme_directory), folder=folder_of(options),
        names=(tuple(str(name) for name in options.acme),), contact=contact,
        challenge=text_type(options.acme_challenge), trust=options.acme_trust), reload)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List
    from carryall.app.optionvalues import OptionValues
