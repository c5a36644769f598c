# Copyright the carryall authors.  See LICENSE.
"""FTPServer for tests.

    with FTPServer() as server:
        server.put('pub/a.txt', b'hello')
        ftp = ftplib.FTP()
        ftp.connect(server.host, server.port)
        ftp.login(*server.login)
        ftp.storbinary('STOR b.txt', io.BytesIO(b'from the client'))
        assert server.get('b.txt') == b'from the client'

Tests:    tests/house/testservers/test_fileserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.uri import encode_segment
from carryall.core.compat import native, text_type, to_bytes
from carryall.testservers.server import WAIT_SECONDS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['FTPServer', 'Transfer']


class Transfer(object):
    """A transfer that has ended.

    Attributes:
        incoming: True for an upload.
        path: of the file.
        octets: that were transferred.
        complete: False if it broke.
        user: the account.
    """

    def __init__(self, row):
        # type: (Dict[str, Any]) -> None
        self.incoming = row['incoming']
        self.path = row['path']
        self.octets = row['octets']
        self.complete = row['complete']
        self.user = row['user']

    def __repr__(self):
        return '<%s %s, %d octets>' % ('upload' if self.incoming else 'download', self.path,
                                       self.octets)


class FTPServer(Server):
    """An FTP server for a tree in memory, or for a folder.

    Options:  root: the folder.
              user, password: of the account, which may do everything.
              anonymous: everybody may read.
              anonymous_root: a folder that they see in place of the account's tree.
              tls: TLS from the first octet.
              starttls: AUTH TLS is offered; require_tls 'login' or 'all' demands it.
    """

    kind = 'ftp'
    name = 'ftp_server'
    scheme = 'ftp'
    options = {'root': 'path', 'user': 'text', 'password': 'text', 'anonymous': bool,
               'anonymous_root': 'path', 'tls': bool,
               'starttls': bool, 'require_tls': 'text', 'banner': 'text'}

    @property
    def user(self):
        # type: () -> str
        """The name of the account."""
        return str(self.values.get('user', 'user'))

    @property
    def password(self):
        # type: () -> str
        """Its password."""
        return str(self.values.get('password', 'secret'))

    @property
    def login(self):
        # type: () -> Tuple[str, str]
        """(name, password)."""
        return self.user, self.password

    @property
    def login_url(self):
        # type: () -> str
        """The URL with the name and the password."""
        return 'ftp://%s:%s@%s' % (self.user, self.password, self.netloc)

    def url_of(self, path, login=False):
        # type: (Any, bool) -> str
        """The URL of a file, with the name and the password if *login*."""
        names = [name for name in to_bytes(_path(path)).split(b'/') if name]
        place = b'/'.join(encode_segment(name) for name in names)
        return '%s/%s' % (self.login_url if login else self.url, native(place))

    # -- files ---------------------------------------------------------------------------------

    def put(self, path, data=b''):
        # type: (Any, Any) -> None
        """Writes a file, and makes the folders above it; text is written as UTF-8."""
        self.ask('put', path=_path(path), data=to_bytes(data))

    def get(self, path):
        # type: (Any) -> bytes
        """The content of a file; UsageError if there is none."""
        return self.ask('get', path=_path(path))

    def files(self):
        # type: () -> List[str]
        """The paths of all files, sorted."""
        return list(self.ask('names'))

    def remove(self, path):
        # type: (Any) -> None
        """Removes a file."""
        self.ask('remove', path=_path(path))

    @property
    def transfers(self):
        # type: () -> List[Transfer]
        """The transfers that have ended, in order."""
        return [Transfer(row) for row in self.ask('came')]

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[Transfer]
        """The transfers, once there are *count*; NotArrived if that takes too long."""
        return [Transfer(row) for row in self.came(count, timeout, 'transfers')]

    # -- as a function -------------------------------------------------------------------------

    def __call__(self, *words):
        # type: (*Any) -> List[str]
        """The addresses of one more server: ``carryall serve ftp`` with these words."""
        from carryall.testservers.anyserver import TypeServer
        return self.another(TypeServer, type='ftp', words=words).addresses


def _path(path):
    # type: (Any) -> str
    """A path of the served tree as text; path objects of this system too."""
    if isinstance(path, bytes):
        return path.decode('utf-8')
    if isinstance(path, text_type):
        return path
    return text_type('/').join(text_type(part) for part in path.parts)
