# Copyright the carryall authors.  See LICENSE.
"""Coroutines of an application that use asyncio and its libraries."""
from __future__ import absolute_import, division, print_function

import asyncio
import gc

import pytest

from carryall import runtimes
from carryall.app.endpoints import parse_endpoint
from carryall.app.service import StreamServer
from carryall.core.errors import Cancelled
from carryall.core.future import Future, as_future, coroutine, sleep
from carryall.protocols.http import Response, Site
from carryall.protocols.http.client import HTTPClient
from carryall.runtimes.guests import asyncio_py3
from tests.contract.support import until


@pytest.fixture
def loop():
    loop = runtimes.choose('asyncio')
    yield loop
    loop.close()


def served(loop, app):
    """Status and body of one request to *app*."""
    server = StreamServer('http', Site(app, loop), [parse_endpoint(u'tcp:0:interface=127.0.0.1')])
    server.start(loop)
    client = HTTPClient(loop)
    try:
        response = loop.run_until(client.get('http://%s/' % (server.listeners[0].address,)))
        return response.status, loop.run_until(response.read_all(1000))
    finally:
        client.close()
        loop.run_until(server.stop(1.0))


def test_an_application_sleeps_and_times_out_by_asyncio(loop):
    async def app(request):
        await asyncio.sleep(0.01)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except asyncio.TimeoutError:
            return Response(200, body=b'late')

    assert served(loop, app) == (200, b'late')


def test_tasks_of_an_application_run_beside_it(loop):
    async def app(request):
        numbers = await asyncio.gather(*[double(number) for number in range(3)])
        return Response(200, body=b'%d' % sum(numbers))

    async def double(number):
        await asyncio.sleep(0.001)
        return 2 * number

    assert served(loop, app) == (200, b'6')


def test_a_body_of_an_asynchronous_generator_uses_asyncio(loop):
    async def pieces():
        for number in range(3):
            await asyncio.wait_for(asyncio.sleep(0.001), 1.0)
            yield b'%d' % number

    assert served(loop, lambda request: Response(200, body=pieces())) == (200, b'012')


def test_a_task_waits_for_our_futures_and_tells_their_errors(loop):
    late = Future()

    async def both():
        assert asyncio.current_task() is not None
        with pytest.raises(KeyError):
            await wrong
        return await late + await asyncio.sleep(0, 1)

    wrong = Future()
    loop.call_later(0.01, wrong.set_exception, KeyError())
    loop.call_later(0.02, late.set_result, 2)
    started = []
    loop.call_soon(lambda: started.append(as_future(both())))
    until(loop, lambda: started and started[0].done())
    assert started[0].result() == 3


def test_a_cancelled_future_cancels_its_task(loop):
    seen = []

    async def waits():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    started = []
    loop.call_soon(lambda: started.append(as_future(waits())))
    loop.call_later(0.01, lambda: started[0].cancel())
    until(loop, lambda: seen)
    assert started[0].cancelled()
    with pytest.raises(Cancelled):
        started[0].result()


def test_tasks_that_still_run_clean_up_when_the_loop_closes():
    loop = runtimes.choose('asyncio')
    seen = []

    async def waits():
        try:
            await asyncio.sleep(60)
        finally:
            seen.append('clean')

    loop.call_soon(lambda: as_future(waits()))
    loop.call_later(0.01, loop.stop)
    loop.run()
    assert seen == []
    loop.close()
    assert seen == ['clean']


def test_a_task_that_waits_for_a_stop_iteration_gets_an_error(loop):
    future = Future()

    async def waits():
        await future

    waiting = []
    loop.call_soon(lambda: waiting.append(as_future(waits())))
    loop.call_later(0.01, lambda: future.set_exception(StopIteration()))
    until(loop, lambda: waiting and waiting[0].done())
    assert isinstance(waiting[0].exception(), RuntimeError)


@pytest.mark.limit(20)
def test_a_task_that_does_not_end_is_left_when_the_loop_closes(monkeypatch, expect_log):
    monkeypatch.setattr(asyncio_py3, 'END_SECONDS', 0.05)
    expect_log('did not end when it was cancelled')
    expect_log('Task was destroyed but it is pending', required=False)
    loop = runtimes.choose('asyncio')

    async def waits():
        try:
            await asyncio.sleep(60)
        finally:
            await Future()              # which nothing completes

    loop.call_soon(lambda: as_future(waits()))
    loop.call_later(0.01, loop.stop)
    loop.run()
    loop.close()
    gc.collect()                        # asyncio logs what happens to the task now
    assert loop.closed


def test_another_backend_says_which_one_has_asyncio(expect_log):
    async def app(request):
        await asyncio.sleep(0.01)

    expect_log('the application failed')
    loop = runtimes.choose('select')
    try:
        assert served(loop, app)[0] == 500
    finally:
        loop.close()


def test_a_loop_of_ours_inside_of_a_running_host_drives_its_own_coroutines(loop):
    async def waits():
        await sleep(inner, 0.01)
        return 'done'

    results = []

    def blocks():
        results.append(inner.run_until(as_future(later())))

    def later():
        found = Future()
        inner.call_soon(lambda: as_future(waits()).add_done_callback(
            lambda done: found.set_result(done.result())))
        return found

    inner = runtimes.choose('select')
    try:
        loop.call_soon(blocks)
        until(loop, lambda: results)
    finally:
        inner.close()
    assert results == ['done']


def test_a_generator_that_waits_for_a_cancelled_future_of_asyncio_ends(loop):
    ended = []

    async def inside():
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, future.cancel)
        with pytest.raises((Cancelled, asyncio.CancelledError)):
            await future
        ended.append(1)

    @coroutine
    def flow():
        yield as_future(inside())

    loop.call_soon(flow)
    until(loop, lambda: ended)
