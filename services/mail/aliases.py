# Copyright the carryall authors.  See LICENSE.
"""The file of aliases: one address stands for others.

    # comment
    postmaster: anna
    choir:      anna, berta@b.example, :include:/etc/mail/choir
    owner-choir: berta                      gets the bounces of mail to choir

A line that begins with a blank continues the one before.  ``|program`` and ``/file`` are refused:
a user who can write the file of aliases, or send mail, would run programs with our rights.

Tests:    tests/services/mail/test_aliases.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.files.smallfile import read_small
from carryall.protocols.smtp import parse_mailbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple

__all__ = ['Aliases', 'parse_aliases']

# -- limits ------------------------------------------------------------------
MAX_FILE = 4 << 20          # octets of a file of aliases, or one that it includes
MAX_TARGETS = 10000         # addresses that one alias may stand for, included files counted

INCLUDE = b':include:'


def parse_aliases(data, where):
    # type: (bytes, str) -> Dict[bytes, List[bytes]]
    """Returns a dict of names in small letters to their targets; UsageError names a wrong line."""
    found = {}                      # type: Dict[bytes, List[bytes]]
    for number, line in _logical_lines(data):
        name, colon, rest = _split_name(line)
        if not colon or not name:
            raise UsageError(u'%s, line %d: expected "name: target, target"' % (where, number))
        if name in found:
            raise UsageError(u'%s, line %d: duplicate alias %s'
                             % (where, number, name.decode('utf-8', 'replace')))
        found[name] = _targets(rest, u'%s, line %d' % (where, number))
    return found


def _logical_lines(data):
    # type: (bytes) -> List[Tuple[int, bytes]]
    lines = []                      # type: List[Tuple[int, bytes]]
    for number, line in enumerate(data.replace(b'\r\n', b'\n').split(b'\n')):
        if not line.strip() or line.lstrip()[:1] == b'#':
            continue
        if line[:1] in (b' ', b'\t') and lines:
            lines[-1] = lines[-1][0], lines[-1][1] + b' ' + line.strip()
        else:
            lines.append((number + 1, line.strip()))
    return lines


def _split_name(line):
    # type: (bytes) -> Tuple[bytes, bytes, bytes]
    if line[:1] == b'"':
        end = line.find(b'"', 1)
        name = line[1:end]
        rest = line[end + 1:].lstrip()
        return name.lower(), rest[:1] if rest[:1] == b':' else b'', rest[1:]
    name, colon, rest = line.partition(b':')
    return name.strip().lower(), colon, rest


def _targets(text, where):
    # type: (bytes, str) -> List[bytes]
    targets = []                    # type: List[bytes]
    for word in text.split(b','):
        word = word.strip()
        if len(word) > 1 and word[:1] == b'"' and word[-1:] == b'"':
            if word[1:2] in (b'|', b'/', b':'):
                word = word[1:-1]
        if not word:
            continue
        if word[:1] in (b'|', b'/'):
            raise UsageError(u'%s: programs and files are not allowed as targets: %s'
                             % (where, word.decode('utf-8', 'replace')))
        if not word.startswith(INCLUDE):
            try:
                parse_mailbox(word if b'@' in word else word + b'@local', loose=True)
            except RemoteProtocolError:
                raise UsageError(u'%s: "%s" is not an address'
                                 % (where, word.decode('utf-8', 'replace')))
        targets.append(word)
    return targets


class Aliases(object):
    """The aliases of a file, with those that it includes; ``load()`` reads them again."""

    def __init__(self, path):
        # type: (Optional[str]) -> None
        self._path = path
        self._table = {}            # type: Dict[bytes, List[bytes]]

    def load(self):
        # type: () -> None
        """Reads the file; after a UsageError the former aliases stay."""
        if self._path is None:
            return
        table = parse_aliases(read_small(self._path, MAX_FILE), self._path)
        for name, targets in table.items():
            table[name] = self._with_included(targets)
        self._table = table

    def _with_included(self, targets):
        # type: (List[bytes]) -> List[bytes]
        whole = []                  # type: List[bytes]
        for target in targets:
            if target.startswith(INCLUDE):
                path = os.path.join(os.path.dirname(self._path or ''),
                                    target[len(INCLUDE):].decode('utf-8'))
                for number, line in _logical_lines(read_small(path, MAX_FILE)):
                    whole += [each for each in _targets(line, u'%s, line %d' % (path, number))
                              if not each.startswith(INCLUDE)]
            else:
                whole.append(target)
        if len(whole) > MAX_TARGETS:
            raise UsageError(u'%s: an alias stands for more than %d addresses'
                             % (self._path, MAX_TARGETS))
        return whole

    def get(self, local, domain):
        # type: (bytes, bytes) -> Optional[List[bytes]]
        """The targets of ``local@domain``, or of ``local`` alone; None if it is not an alias."""
        if not self._table:
            return None
        found = self._table.get(local.lower() + b'@' + domain.lower())
        return self._table.get(local.lower()) if found is None else found

    def owner(self, local, domain):
        # type: (bytes, bytes) -> Optional[bytes]
        """The first target of ``owner-LOCAL``, which gets the bounces of a list; None if the list
        has no owner."""
        found = self.get(b'owner-' + local, domain)
        return found[0] if found else None
