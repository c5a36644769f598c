# Copyright the carryall authors.  See LICENSE.
"""The service type ``ident``, with the client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.commands.catalogue import known_types
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Future, completed
from carryall.core.net.transport import Address
from carryall.core.testing import VirtualLoop
from carryall.protocols.ident import IdentError, ask
from carryall.services.ident.service import LOOKUPS, TYPE, WAITING
from tests.support.activity import watch


class Telling(VirtualLoop):
    """A loop of a machine that tells of one connection."""

    def __init__(self):
        VirtualLoop.__init__(self)
        self.asked = []
        self.owner = None

    def connection_owner(self, ours, theirs):
        self.asked.append((ours, theirs))
        if self.owner is not None:
            return self.owner
        return completed('ann' if (ours.port, theirs.port) == (6193, 23) else None)


def started(*words):
    loop = Telling()
    service = TYPE.make(TYPE.options.parse(['-p', '7113'] + list(words)))
    service.start(loop)
    return loop, service


def told(loop, theirs=6193, ours=23):
    return loop.run_until(ask(loop, '127.0.0.1', theirs, ours, port=7113)).user


def test_the_registry_has_the_type():
    assert known_types().get('ident') is TYPE


@pytest.mark.parametrize('words, endpoint', [
    ([], u'tcp:113:interface=127.0.0.1'), (['-p', '7000'], u'tcp:7000:interface=127.0.0.1'),
    (['--interface', '192.0.2.1'], u'tcp:113:interface=192.0.2.1')])
def test_the_service_listens_on_this_machine_unless_told_otherwise(words, endpoint):
    assert TYPE.endpoints(TYPE.options.parse(words)) == [endpoint]


def test_the_owner_comes_from_the_machine():
    assert told(started()[0]) == b'ann'


def test_a_connection_that_is_unknown_has_no_user():
    with pytest.raises(IdentError) as caught:
        told(started()[0], 6194)
    assert caught.value.token == b'NO-USER'


def test_a_client_is_told_of_its_own_connections():
    loop, _ = started()
    told(loop)
    assert loop.asked[-1] == (Address('127.0.0.1', 6193), Address('127.0.0.1', 23))


def test_one_name_can_be_told_for_all():
    assert told(started('--user', 'someone')[0], 1, 1) == b'someone'


def test_few_look_ups_run_at_the_same_time():
    loop, service = started()
    loop.owner = Future()
    waiting = [service.lookup(Address('127.0.0.1', 1), Address('127.0.0.1', 2))
               for _ in range(LOOKUPS + WAITING + 1)]
    assert len(loop.asked) == LOOKUPS + 1, 'one asks at the start whether the machine tells'
    assert waiting[-1].result() is None
    loop.owner.set_result('bob')
    assert [each.result() for each in waiting[:-1]] == [b'bob'] * (LOOKUPS + WAITING)


@pytest.mark.parametrize('words', [['--hidden'], ['--allow', '192.0.2.0/24']])
def test_owners_can_be_hidden(words):
    with pytest.raises(IdentError) as caught:
        told(started(*words)[0])
    assert caught.value.token == b'HIDDEN-USER'


def test_a_machine_that_does_not_tell_needs_an_answer():
    with pytest.raises(Unsupported):
        TYPE.make(TYPE.options.parse(['-p', '7113'])).start(VirtualLoop())


def test_with_an_answer_it_serves_on_any_machine():
    TYPE.make(TYPE.options.parse(['-p', '7113', '--hidden'])).start(VirtualLoop())


def test_one_name_and_none_exclude_each_other():
    with pytest.raises(UsageError):
        TYPE.options.parse(['--user', 'x', '--hidden'])


def test_the_service_answers_until_it_stops():
    loop, service = started()
    told(loop)
    loop.run_until(service.stop(2.0))
    assert service.listening() == []


def test_look_ups_are_told_to_the_activity():
    loop, _ = started()
    activity = watch(loop)
    told(loop)
    assert activity.rows == [(u'ident', u'127.0.0.1', u'6193, 23', u'UNIX : ann', None, True)]
