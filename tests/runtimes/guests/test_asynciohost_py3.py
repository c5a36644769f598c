# Copyright the carryall authors.  See LICENSE.
"""Our loop drives one of asyncio."""
from __future__ import absolute_import, division, print_function

import asyncio

import pytest

from carryall import runtimes
from carryall.core.errors import Unsupported
from carryall.runtimes.guests.asynciohost_py3 import HostedAsyncio
from carryall.runtimes.guests.guestloop import GuestLoop
from tests.contract.support import until
from tests.runtimes.guests.fake_toolkit import FakeToolkit

MAKE = {
    'epoll': lambda: runtimes.choose('epoll'),
    'select': lambda: runtimes.choose('select'),
    'threads': lambda: runtimes.choose('threads'),
    'guest': lambda: GuestLoop(FakeToolkit()),
}


@pytest.fixture(params=['epoll', 'select', 'guest'])
def loop(request):
    made = MAKE[request.param]()
    yield made
    made.close()


@pytest.fixture
def hosted(loop):
    made = HostedAsyncio(loop)
    yield made
    made.close()


def test_streams_of_asyncio_work(loop, hosted):
    async def serve(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, '127.0.0.1', 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b'line\n')
        found = await reader.read()
        writer.close()
        server.close()
        return found

    assert loop.run_until(hosted.start(main())) == b'line\n'


def test_timers_of_asyncio_come_in_time(loop, hosted):
    async def main():
        begin = loop.time()
        await asyncio.sleep(0.02)
        return loop.time() - begin

    assert 0.019 < loop.run_until(hosted.start(main())) < 2.0


def test_threads_of_asyncio_report_back(loop, hosted):
    async def main():
        return await asyncio.get_running_loop().run_in_executor(None, lambda: 5)

    assert loop.run_until(hosted.start(main())) == 5


def test_an_error_of_a_coroutine_fails_the_future(loop, hosted):
    async def main():
        raise ValueError('this one')

    with pytest.raises(ValueError):
        loop.run_until(hosted.start(main()))


def test_callbacks_of_both_loops_take_turns(loop, hosted):
    ran = []

    async def main():
        for _ in range(3):
            loop.call_soon(ran.append, 'ours')
            await asyncio.sleep(0)
            ran.append('theirs')
        await asyncio.sleep(0.002)

    loop.run_until(hosted.start(main()))
    assert sorted(ran) == ['ours'] * 3 + ['theirs'] * 3


def test_an_idle_asyncio_takes_no_turn(loop, hosted):
    async def main():
        await asyncio.sleep(0.001)

    loop.run_until(hosted.start(main()))
    steps = []
    hosted.run_forever = lambda: steps.append(1)
    loop.call_later(0.01, loop.stop)
    loop.run()
    del hosted.run_forever
    assert steps == []


def test_cancelling_the_future_cancels_the_task(loop, hosted):
    ended = []

    async def main():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    future = hosted.start(main())
    loop.call_later(0.002, future.cancel)
    until(loop, lambda: ended)
    assert future.cancelled()


def test_a_loop_that_watches_no_descriptors_says_so():
    loop = MAKE['threads']()
    try:
        with pytest.raises(Unsupported):
            HostedAsyncio(loop)
    finally:
        loop.close()
