# Copyright the carryall authors.  See LICENSE.
"""Parcels and their form on the disk."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.mail.envelope import Addressee, BadEnvelope, Envelope


def envelope(name='1.x.h', sender=b'a@a', message=b'Subject: x\r\n\r\n\xff\0',
             folder=u'/m/b\xfcrt'):
    return Envelope(name, sender,
                  [Addressee(b'b@B.example', folder),
                   Addressee(u'\xfc@c'.encode('utf-8'), None, b'list@b', b'SUCCESS,DELAY',
                             b'rfc822;x')],
                  message, 1234.5, utf8=True, ret=b'FULL', envid=b'Q+2B')


def test_there_and_back():
    one = envelope()
    two = Envelope.read(one.header_line() + one.message)
    assert (two.name, two.sender, two.message, two.arrived, two.utf8, two.binary, two.ret,
            two.envid) == (
        '1.x.h', b'a@a', b'Subject: x\r\n\r\n\xff\0', 1234.5, True, False, b'FULL', b'Q+2B')
    assert [(to.address, to.folder, to.original, to.notify, to.orcpt) for to in two.addressees] == [
        (b'b@B.example', u'/m/b\xfcrt', b'b@B.example', b'', b''),
        (u'\xfc@c'.encode('utf-8'), None, b'list@b', b'SUCCESS,DELAY', b'rfc822;x')]
    assert one.header_line().count(b'\n') == 1


@pytest.mark.parametrize('data',
                         [b'', b'x', b'{}\n', b'[2]\n', b'[1,2,3]\n', b'\xff\n', b'null\n',
                          b'[1,"a","b",[[1]],0,0,0,"",""]\n', b'[1,"a","b",5,0,0,0,"",""]\n'])
def test_a_bad_envelope_is_refused(data):
    with pytest.raises(BadEnvelope):
        Envelope.read(data)


def test_an_addressee_knows_its_domain_and_wishes():
    assert Addressee(b'a@B.Example').domain() == b'b.example'
    assert [Addressee(b'a@b', notify=words).wants(word)
            for words in (b'', b'NEVER', b'SUCCESS,DELAY')
            for word in (b'SUCCESS', b'FAILURE', b'DELAY')] == [
        False, True, True, False, False, False, True, False, True]
    some = envelope().with_addressees([])
    assert some.addressees == []
    assert some.message == envelope().message
