# Copyright the carryall authors.  See LICENSE.
"""Workers: the queue of jobs, and the share of each source in it."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.compat import range
from carryall.core.net.transport import Address
from carryall.core.testing import VirtualLoop
from carryall.services.wsgi.workers import Workers

THREADS = 2
WAITING = 10


class Crew(object):
    """Workers whose threads begin when a test says so."""

    def __init__(self):
        self.loop = VirtualLoop()
        self._begun = []
        self.loop.start_thread = self._begun.append
        self.workers = Workers(self.loop, THREADS, WAITING)
        self.done = []

    def submit(self, host):
        """How many jobs of *host* are taken."""
        address = None if host is None else Address(host, 5)
        taken = 0
        while self.workers.submit(lambda: self.done.append(host), address):
            taken += 1
        return taken

    def work(self):
        """Runs all jobs."""
        self.workers.close()
        for target in self._begun:
            target()
        self.loop.advance(0.1)


@pytest.fixture
def crew():
    """Workers of a virtual loop."""
    return Crew()


@pytest.mark.parametrize('host', ['192.0.2.1', '2001:db8::1', None])
def test_one_source_gets_half_of_the_queue_beside_the_threads(crew, host):
    assert crew.submit(host) == THREADS + (THREADS + WAITING) // 2


def test_another_source_finds_room(crew):
    crew.submit('192.0.2.1')
    assert crew.submit('192.0.2.2') == 3
    assert crew.submit('192.0.2.3') == 1


def test_neighbours_in_a_subnet_of_ipv6_are_one_source(crew):
    crew.submit('2001:db8::1')
    assert crew.submit('2001:db8::2') == 0


def test_the_queue_is_bounded_for_all(crew):
    taken = sum(crew.submit('192.0.2.%d' % number) for number in range(1, 50))
    assert taken == THREADS + WAITING


def test_places_come_back(crew):
    taken = crew.submit('192.0.2.1')
    crew.work()
    assert len(crew.done) == taken
    assert crew.workers.pending == 0


def test_jobs_of_one_source_run_in_their_order(crew):
    order = []
    for number in range(6):
        crew.workers.submit(lambda number=number: order.append(number), Address('192.0.2.1', 5))
    crew.work()
    assert order == [0, 1, 2, 3, 4, 5]


def test_sources_that_wait_take_turns(crew):
    """The first ones have threads; then one that came late does not wait for all before it."""
    for host in 'aaaaaabcb':
        crew.workers.submit(lambda host=host: crew.done.append(host),
                            Address('192.0.2.%d' % ord(host), 5))
    crew.work()
    assert ''.join(crew.done) == 'aaabcabaa'


def test_a_source_that_floods_lets_another_wait_for_one_job_of_its_own(crew):
    crew.submit('192.0.2.1')
    crew.workers.submit(lambda: crew.done.append('late'), Address('192.0.2.2', 5))
    crew.work()
    assert crew.done.index('late') == THREADS + 1
