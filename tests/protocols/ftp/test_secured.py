# Copyright the carryall authors.  See LICENSE.
"""AUTH, PBSZ, PROT, CCC (RFC 4217), over a TLS that seals nothing."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import TLSContext
from carryall.core.net.transport import tls
from carryall.protocols.ftp.hostport import parse_epsv_reply
from tests.protocols.ftp.stage import Data, Talk, codes, make_site


class TLSTalk(Talk):
    """A site with TLS."""

    def __init__(self, **given):
        loop = VirtualLoop(tls=NullTLS())
        site = make_site(loop, tls=TLSContext(identity='null'), **given)
        Talk.__init__(self, login=False, loop=loop, site=site)


def test_without_a_certificate():
    talk = Talk(login=False)
    assert codes(talk.say(b'AUTH TLS', b'PBSZ 0', b'PROT P', b'CCC')) == [431, 503, 503, 533], \
        'there is none'
    assert b'AUTH' not in talk.say(b'FEAT'), 'nor said to be'


def test_auth_begins_tls_and_forgets_the_login():
    talk = TLSTalk()
    assert codes(talk.say(b'USER anna', b'PASS secret')) == [331, 230], 'in clear'
    assert codes(talk.say(b'AUTH TLS')) == [234], 'go on'
    assert talk.server.secure and codes(talk.say(b'PWD')) == [530], 'RFC 4217 section 4'
    assert codes(talk.say(b'USER anna', b'PASS secret', b'PBSZ 0', b'PROT P', b'PROT C', b'PROT S',
                          b'PROT X', b'AUTH TLS', b'CCC')) == [
        331, 230, 200, 200, 200, 536, 504, 503, 534], 'the levels'


def test_ccc_takes_tls_off_the_control_connection():
    talk = TLSTalk(tls_clear=True)
    assert codes(talk.say(b'CCC', b'AUTH TLS')) == [533, 234], 'there is nothing to take off'
    assert codes(talk.say(b'CCC')) == [534], 'the password would follow in clear'
    assert codes(talk.say(b'USER anna', b'PASS secret', b'PBSZ 0', b'PROT P', b'TYPE I')) \
        == [331, 230, 200, 200, 200], 'in'
    assert b'\r\n CCC\r\n' in talk.say(b'FEAT')
    assert codes(talk.say(b'CCC')) == [200] and not talk.server.secure
    assert codes(talk.say(b'CCC', b'PBSZ 0', b'PROT C', b'PWD')) == [533, 503, 503, 257], \
        'RFC 4217 section 5'
    data = tls_data(talk, parse_epsv_reply(talk.say(b'EPSV')[4:].strip()))
    assert codes(talk.say(b'RETR readme.txt')) == [125, 226] and data.got == b'hello\nworld\n', \
        'data stays as PROT has it'
    assert tls(data.transport) is not None
    assert codes(talk.say(b'AUTH TLS')) == [234] and talk.server.secure, 'and again'


def test_commands_pipelined_behind_ccc_are_answered_in_clear():
    talk = TLSTalk(tls_clear=True)
    talk.say(b'AUTH TLS')
    talk.say(b'USER anna', b'PASS secret')
    assert codes(talk.say(b'CCC', b'PWD', b'NOOP')) == [200, 257, 200] and not talk.server.secure


@pytest.mark.parametrize('name, before, lines, expected',
                         [('start_tls', (), (b'NOOP', b'AUTH TLS'), [200, 234]),
                          ('stop_tls', (b'AUTH TLS',), (b'USER anna', b'PASS secret', b'CCC'),
                           [331, 230, 200])])
def test_the_reply_is_written_before_the_change(name, before, lines, expected):
    talk = TLSTalk(tls_clear=True)
    for line in before:
        talk.say(line)
    seen = []
    change = getattr(talk.loop, name)

    def changed(*given, **named):
        seen.append(codes(talk.wire.take()))
        return change(*given, **named)

    setattr(talk.loop, name, changed)
    assert talk.say(*lines) == b'' and seen == [expected], seen


def test_clear_commands_behind_auth_are_dropped(expect_log):
    expect_log('discarded')
    talk = TLSTalk()
    talk.wire.feed(b'AUTH TLS\r\nUSER anna\r\nPASS secret\r\n')
    assert codes(talk.hear()) == [234] and talk.server.account is None, \
        'somebody between has spoken'


def test_clear_commands_behind_auth_and_telnet_marks_are_dropped(expect_log):
    expect_log('discarded')
    talk = TLSTalk()
    talk.wire.feed(b'AUTH TLS\r\n' + b'\xff\xf4\xff\xf2' * 600 + b'USER anna\r\nPASS secret\r\n')
    assert codes(talk.hear()) == [234]
    assert talk.server.account is None
    assert codes(talk.say(b'NOOP')) == [200]


def test_auth_accepts_tls_mechanisms_alone():
    for mechanism, code in ((b'TLS', 234), (b'ssl', 234), (b'TLS-C', 234), (b'TLS-P', 234),
                            (b'KERBEROS_V4', 504), (b'', 501)):
        talk = TLSTalk()
        assert codes(talk.say(b'AUTH ' + mechanism)) == [code], mechanism
        if mechanism == b'TLS-P':
            assert talk.server.security.protected, 'RFC 4217 section 17'


def test_no_password_in_clear():
    talk = TLSTalk(tls_required='login')
    assert codes(talk.say(b'USER anna', b'PASS secret')) == [534, 503], 'not in clear'
    assert codes(talk.say(b'AUTH TLS')) == [234], 'first this'
    assert codes(talk.say(b'USER anna', b'PASS secret')) == [331, 230], 'then that'


def inside(**given):
    """Logged in under TLS, PROT P said."""
    talk = TLSTalk(**given)
    talk.say(b'AUTH TLS')
    assert codes(talk.say(b'PBSZ 0', b'PROT P', b'USER anna', b'PASS secret', b'TYPE I')) \
        == [200, 200, 331, 230, 200], 'in'
    return talk


def test_user_keeps_the_level():
    assert inside().server.security.protected, 'PROT before USER counts'


def test_no_data_in_clear():
    talk = TLSTalk(tls_required='all')
    talk.say(b'AUTH TLS')
    talk.say(b'USER anna', b'PASS secret')
    talk.passive()
    assert codes(talk.say(b'LIST', b'PROT C')) == [522, 534], 'RFC 4217 section 9'


def test_a_change_of_level_undoes_what_was_arranged():
    talk = inside()
    assert codes(talk.say(b'EPSV', b'PROT C', b'LIST')) == [229, 200, 425], \
        'it was for the other level'


def tls_data(talk, port):
    """A data connection that shakes hands as a client."""
    data = talk.connect(port)
    talk.loop.start_tls(data.transport, TLSContext(verify=False), hostname='localhost')
    talk.loop.advance()
    return data


def test_data_goes_under_tls():
    """Uploads too, but NullTLS has no close_notify: see tests/services/ftp/test_service.py."""
    talk = inside()
    data = tls_data(talk, parse_epsv_reply(talk.say(b'EPSV')[4:].strip()))
    assert codes(talk.say(b'RETR readme.txt')) == [125, 226] and data.got == b'hello\nworld\n', \
        data.got
    assert tls(data.transport) is not None, 'it went in clear'


def test_active_data_goes_under_tls_and_we_are_its_server():
    talk = inside()
    found = []

    class Shaking(Data):
        """Shakes hands as soon as it is there."""

        def connection_made(self, transport):
            Data.connection_made(self, transport)
            talk.loop.start_tls(transport, TLSContext(verify=False), hostname='localhost')

    def make():
        found.append(Shaking())
        return found[-1]

    listener = talk.loop.listen_tcp(make, '127.0.0.1', 0)
    talk.say(b'EPRT |1|127.0.0.1|%d|' % listener.address.port)
    assert codes(talk.say(b'RETR readme.txt')) == [150, 226] \
        and found[0].got == b'hello\nworld\n', found[0].got


def test_a_session_that_has_to_go_on():
    """NullTLS resumes nothing: 522, and no data."""
    talk = inside(tls_reuse=True)
    data = tls_data(talk, parse_epsv_reply(talk.say(b'EPSV')[4:].strip()))
    assert codes(talk.say(b'RETR readme.txt')) == [125, 522] and data.got == b'', 'it has to go on'
