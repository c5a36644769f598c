# Copyright the carryall authors.  See LICENSE.
"""Test servers are begun, stopped, restarted and ended by number."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import CarryallError, UsageError
from tests.services.testservers.talks import Hall


def test_a_server_has_a_place():
    server = Hall().begin('tcp')
    name, host, port = server.places[0]
    assert (name, host) == ('tcp', '127.0.0.1')
    assert port > 0


def test_two_servers_have_two_ports():
    hall = Hall()
    first = hall.begin('tcp')
    second = hall.begin('tcp')
    assert first.places[0][2] != second.places[0][2]


def test_a_stopped_server_takes_no_connection():
    hall = Hall()
    server = hall.begin('tcp')
    hall.value(hall.servers.stop(server.number))
    with pytest.raises(CarryallError):
        server.connect()


def test_a_stop_ends_connections():
    hall = Hall()
    server = hall.begin('tcp')
    talk = server.connect()
    hall.servers.stop(server.number)
    hall.loop.advance(0.1)
    assert talk.lost


def test_a_server_is_restarted_on_its_port():
    hall = Hall()
    server = hall.begin('tcp')
    hall.value(hall.servers.stop(server.number))
    places = hall.value(hall.servers.restart(server.number, {'greeting': u'hello'}))
    assert places == server.places
    assert server.connect().take() == b'hello'


def test_kept_pieces_survive_a_restart():
    hall = Hall()
    server = hall.begin('tcp')
    server.connect().ask(b'before')
    hall.value(hall.servers.restart(server.number, {}))
    assert [row['data'] for row in server.call('came')] == [b'before']


def test_a_fault_stays_over_a_restart():
    hall = Hall()
    server = hall.begin('tcp')
    server.call('fail', when=u'connect', reply=b'no')
    hall.value(hall.servers.restart(server.number, {}))
    assert server.connect().take() == b'no'


def test_an_ended_server_is_unknown():
    hall = Hall()
    server = hall.begin('tcp')
    hall.value(hall.servers.end(server.number))
    with pytest.raises(UsageError):
        server.call('came')


def test_the_end_of_the_set_ends_all():
    hall = Hall()
    servers = [hall.begin('tcp'), hall.begin('http')]
    hall.value(hall.servers.close())
    for server in servers:
        with pytest.raises(CarryallError):
            server.connect()


@pytest.mark.parametrize('kind, options', [
    ('nonsense', {}), ('tcp', {'nonsense': 1}), ('http', {'path': u'/no/such/folder'}),
    ('tcp', {'tls': u'implicit'}), ('type', {'type': u'nonsense'}),
    ('type', {'type': u'web', 'words': [u'--path', u'/no/such']})])
def test_an_impossible_start_raises_usage_error(kind, options):
    with pytest.raises(UsageError):
        Hall().begin(kind, **options)


def test_a_call_that_a_server_has_not_is_told():
    with pytest.raises(UsageError):
        Hall().begin('tcp').call('nonsense')


def test_a_wait_ends_when_enough_has_come():
    hall = Hall()
    server = hall.begin('tcp')
    waiting = server.call('wait', count=2, seconds=5.0)
    talk = server.connect()
    talk.ask(b'one')
    assert not waiting.done()
    talk.ask(b'two')
    assert waiting.result() == 2


def test_a_wait_ends_after_its_time():
    hall = Hall()
    waiting = hall.begin('tcp').call('wait', count=1, seconds=5.0)
    hall.loop.advance(5.1)
    assert waiting.result() == 0


def test_a_reset_forgets_what_came_and_what_fails():
    hall = Hall()
    server = hall.begin('tcp')
    talk = server.connect()
    talk.ask(b'one')
    server.call('fail', reply=b'no')
    server.call('forget')
    assert server.call('came') == []
    assert talk.ask(b'two') == b'two'


def test_a_fault_that_is_cancelled_acts_no_more():
    server = Hall().begin('tcp')
    number = server.call('fail', reply=b'no', times=None)
    server.call('recover', number=number)
    assert server.connect().ask(b'hi') == b'hi'
