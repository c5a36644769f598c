# Copyright the carryall authors.  See LICENSE.
"""The maildrop in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.pop3 import Busy, MemoryAccount


def test_an_open_maildrop_is_locked_and_unchanged():
    account = MemoryAccount([b'a', b'b' * 100000])
    drop = account.open_maildrop(None).result()
    with pytest.raises(Busy):
        account.open_maildrop(None).result()
    account.messages.append(b'c')
    assert drop.sizes == [1, 100000]
    assert len(set(drop.uids)) == 2
    pieces = drop.read(1)
    got = b''
    while True:
        piece = pieces.next().result()
        if not piece:
            break
        got += piece
    assert got == b'b' * 100000
    drop.close()
    assert account.open_maildrop(None).result().sizes == [1, 100000, 1]
