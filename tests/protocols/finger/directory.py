# Copyright the carryall authors.  See LICENSE.
"""A directory of users for the tests of finger."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.finger import Directory, FingerServer


class Names(Directory):
    def __init__(self):
        self.asked = []

    def answer(self, user, long, host):
        self.asked.append((user, long, host))
        return {u'ann': u'Ann\nlong' if long else u'Ann', u'': u'all', u'none': None,
                u'evil': u'\x1b[2J\x07\x9bnot\u202e\tnice\r\nat all'}[user]


def serving(loop):
    return FingerServer(Names(), loop)
