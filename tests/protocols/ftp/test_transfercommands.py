# Copyright the carryall authors.  See LICENSE.
"""Parameters of transfers: TYPE, MODE, STRU, ALLO, REST, RANG, ABOR (RFC 959, 3659)."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.protocols.ftp.stage import Talk, codes


@pytest.mark.parametrize('line, code', [
    (b'TYPE A', 200), (b'TYPE a n', 200), (b'TYPE I', 200), (b'TYPE L 8', 200), (b'TYPE L8', 200),
    (b'TYPE A T', 504),
    (b'TYPE E', 504), (b'TYPE L 36', 504), (b'TYPE I N', 501), (b'TYPE X', 501), (b'TYPE', 501),
    (b'TYPE A N X', 501),
    (b'MODE S', 200), (b'MODE z', 200), (b'MODE B', 504), (b'MODE C', 504), (b'MODE X', 501),
    (b'STRU F', 200), (b'STRU R', 504),
    (b'STRU P', 504), (b'STRU X', 501), (b'ALLO 5', 202), (b'ALLO 5 R 7', 202), (b'ALLO x', 501),
    (b'ALLO 9223372036854775807', 552), (b'REST 0', 350), (b'REST 5', 350), (b'REST -5', 501),
    (b'REST x', 501),
    (b'REST 9223372036854775808', 501), (b'RANG 1 5', 350), (b'RANG 5 1', 501), (b'RANG 1 0', 350),
    (b'RANG x 1', 501)])
def test_transfer_parameters_answer_with_their_codes(line, code):
    talk = Talk()
    assert codes(talk.say(line)) == [code], line


def test_no_restart_in_text():
    talk = Talk()
    assert codes(talk.say(b'TYPE A', b'REST 5', b'REST 0', b'RANG 1 5')) == [200, 504, 350, 504], \
        'it counts other octets'


def test_abort_without_a_transfer():
    talk = Talk()
    assert codes(talk.say(b'ABOR')) == [226], 'nothing there'
    data = talk.passive()
    assert codes(talk.say(b'ABOR')) == [225] and data.over, 'the data connection'


def test_commands_of_transfers_need_a_port():
    talk = Talk()
    for line in (b'RETR readme.txt', b'STOR x', b'APPE x', b'STOU', b'LIST', b'NLST', b'MLSD'):
        assert codes(talk.say(line)) == [425], line
    with pytest.raises(Exception):
        talk.content(b'x')          # nothing was made


def test_too_many_transfers():
    talk = Talk(transfers=1)
    talk.passive()
    talk.say(b'STOR a')
    other = Talk(site=talk.site, loop=talk.loop)
    other.passive()
    assert codes(other.say(b'STOR b')) == [450], 'one at a time'
