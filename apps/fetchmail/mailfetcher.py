# Copyright the carryall authors.  See LICENSE.
"""MailFetcher: fetches new messages of a POP3 account into a maildir.

New messages are recognized by their unique-ids (RFC 1939 section 7), which are kept in
FOLDER/.carryall-seen.  A message is deleted on the server only once it is on the disk here.  After
a crash a second run stores no message twice: its name in the maildir is made of its unique-id.

Tests:    tests/commands/test_fetchmail.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import os

from carryall.core.compat import to_bytes
from carryall.core.future import Return, coroutine
from carryall.services.mail import disk
from carryall.services.mail.maildir import Maildir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Set

__all__ = ['MailFetcher', 'SEEN']

SEEN = '.carryall-seen'
SLACK = 65536               # octets that a message may be larger than the server told; default


class MailFetcher(object):
    """Fetches the mail of one account.

    Args:     folder:   path of the maildir, which is created if it is missing.
              host:     of the server; with *user* a part of the names of the stored files.
              keep:     leave the messages on the server.
              again:    fetch messages that were fetched before too.
              max_size: octets; larger messages stay on the server.
    """

    def __init__(self, loop, folder, host, user, keep=True, again=False, max_size=256 << 20):
        # type: (Any, str, str, str, bool, bool, int) -> None
        self._loop = loop
        self._box = Maildir(folder)
        self._host = host
        self._user = user
        self._keep = keep
        self._max_size = max_size
        self._box.make()
        self._seen_path = os.path.join(self._box.path, SEEN)
        self._seen = set() if again else _read_seen(self._seen_path)    # type: Set[bytes]

    @coroutine
    def fetch(self, client):
        # type: (Any) -> Any
        """Fetches by a POP3Client after its login.

        Returns:  a Future of (number of messages, number of those that are too large).
        """
        listed = yield client.list()
        sizes = dict(listed)
        uids = yield client.uidl()
        count = 0
        left = 0
        for number, uid in uids:
            if uid not in self._seen and sizes.get(number, 0) > self._max_size:
                left += 1
                continue
            if uid not in self._seen:
                message = yield client.retrieve(number, self._max_size + SLACK)
                yield self._loop.run_in_thread(self._store, uid, message, self._loop.wall())
                self._seen.add(uid)
                count += 1
            if not self._keep:
                yield client.delete(number)
        there = set(uid for _, uid in uids)
        yield self._loop.run_in_thread(disk.replace_file, self._seen_path,
                                       b''.join(sorted(uid + b'\n' for uid in self._seen & there)))
        raise Return((count, left))

    def _store(self, uid, message, wall):
        # type: (bytes, bytes, float) -> None
        """Stores a message durably, on a thread."""
        text = to_bytes(self._host) + b'\n' + to_bytes(self._user) + b'\n' + uid
        unique = hashlib.sha256(text).hexdigest()[:32]
        stored = self._box.find_part(('.%s.' % unique).encode('ascii'))
        if stored is None:
            stored = self._box.deliver('%d.%s.carryall' % (int(wall), unique),
                                       message.replace(b'\r\n', b'\n'))
        disk.make_durable([stored])


def _read_seen(path):
    # type: (str) -> Set[bytes]
    try:
        return set(line for line in disk.read_file(path).split(b'\n') if line)
    except (IOError, OSError):
        return set()
