# Copyright the carryall authors.  See LICENSE.
"""ACMEFolder: the account, and the certificates with their keys, on the disk.

    account.key     the key of the account
    account.json    {"directory": URL, "account": URL}
    NAME.pem        the key and the chain of a certificate, NAME being the first of its names

Each file is replaced in one durable step, and its owner alone may read it.
Tests:    tests/services/acme/test_acmefolder.py
"""
from __future__ import absolute_import, division, print_function

import json
import os

from carryall.core.compat import native, to_bytes
from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.files.plainfile import open_plain
from carryall.core.files.smallfile import read_small
from carryall.core.logs import get_logger
from carryall.core.tls import pem
from carryall.core.tls.authority import new_key, self_signed
from carryall.core.tls.certificates import parse

__all__ = ['ACMEFolder', 'file_of']

# -- limits ------------------------------------------------------------------
MAX_FILE = 1 << 20          # octets of a file

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
PROVISIONAL_DAYS = 7        # of the certificate that stands in until there is one
_FOLDER = getattr(os, 'O_DIRECTORY', 0)

log = get_logger('acme')


def file_of(folder, name):
    # type: (str, str) -> str
    """The path of the certificate whose first name is *name*."""
    return os.path.join(folder, name + u'.pem')


class ACMEFolder(object):
    """The files of one account.

    Args:     path: of the folder, which is made if it is missing.
    Raises:   UsageError: the folder cannot be used.
    """

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        try:
            if not os.path.isdir(path):
                os.makedirs(path, PRIVATE_FOLDER)
                os.chmod(path, PRIVATE_FOLDER)      # jython: os.makedirs() ignores the mode
        except (IOError, OSError) as exc:
            raise UsageError(u'the folder %s cannot be made: %s' % (path, exc.strerror or exc))

    def account_key(self):
        # type: () -> bytes
        """The PEM of the account's key, which is made if it is missing."""
        path = os.path.join(self.path, u'account.key')
        if not os.path.exists(path):
            self._replace(path, new_key()[1])
        return read_small(to_bytes(path), MAX_FILE)

    def account(self, directory):
        # type: (str) -> Optional[str]
        """The URL of the account at an authority; None if it is not known."""
        path = os.path.join(self.path, u'account.json')
        if not os.path.exists(path):
            return None
        try:
            found = json.loads(read_small(to_bytes(path), MAX_FILE).decode('utf-8'))
        except ValueError:
            return None         # it is asked of the authority again
        if not isinstance(found, dict) or found.get('directory') != directory:
            return None
        return native(to_bytes(u'%s' % found.get('account')))

    def keep_account(self, directory, account):
        # type: (str, Optional[str]) -> None
        """Writes down the URL of the account."""
        if account != self.account(directory):
            text = json.dumps({'directory': directory, 'account': account}, sort_keys=True)
            self._replace(os.path.join(self.path, u'account.json'), text.encode('ascii'))

    def certificate(self, names):
        # type: (Sequence[str]) -> Optional[Certificate]
        """The certificate for *names* that is there; None if there is none for all of them."""
        path = file_of(self.path, names[0])
        if not os.path.exists(path):
            return None
        try:
            found = parse(pem.certificates(read_small(to_bytes(path), MAX_FILE))[0])
        except (UsageError, RemoteProtocolError, IndexError):
            return None
        return found if set(names) <= set(found.names) else None

    def keep_certificate(self, names, key, chain):
        # type: (Sequence[str], bytes, bytes) -> None
        """Writes down a certificate with its key."""
        self._replace(file_of(self.path, names[0]), key + chain)

    def provide(self, names, now):
        # type: (Sequence[str], float) -> None
        """Makes a certificate that signs itself, if there is none: a listener cannot start without.
        """
        if self.certificate(names) is None:
            made = self_signed(names, now, PROVISIONAL_DAYS)
            self.keep_certificate(names, made.key, made.certificate)

    @staticmethod
    def _replace(path, data):
        # type: (str, bytes) -> None
        temporary = path + u'.new'
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        try:
            os.chmod(temporary, PRIVATE)            # jython: os.open() ignores the mode
            with os.fdopen(handle, 'wb') as target:
                handle = None
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
        finally:
            if handle is not None:
                os.close(handle)
        os.rename(temporary, path)
        _sync_name(path)


def _sync_name(path):
    # type: (str) -> None
    """Brings the name of a file to the disk.

    jython: a folder cannot be opened.  There, and on Windows, the file is synced under its new
    name: the usual file systems then write the name too.
    """
    if _FOLDER:
        try:
            handle = os.open(os.path.dirname(path), os.O_RDONLY | _FOLDER)
        except (IOError, OSError) as exc:
            log.debug('the folder of %s cannot be opened: %s', path, exc)
        else:
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            return
    with open_plain(path, 'r+b') as target:
        os.fsync(target.fileno())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from carryall.core.tls.certificates import Certificate
