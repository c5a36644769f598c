# Copyright the carryall authors.  See LICENSE.
"""trio and our loop in both directions, beyond the laws."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.future import Future
from carryall.runtimes.guests.guestloop import GuestLoop
from tests.contract.support import connected

trio = pytest.importorskip('trio')
trio_py3 = pytest.importorskip('carryall.runtimes.guests.trio_py3')


def test_a_task_of_trio_drives_a_guest_until_it_stops():
    ran = []

    async def main():
        loop = GuestLoop(trio_py3.TrioToolkit())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio_py3.serve, loop)
            await trio.sleep(0.001)
            loop.call_soon(ran.append, 'ours')
            await trio.sleep(0.01)
            loop.stop()
        loop.close()

    trio.run(main)
    assert ran == ['ours']


def test_a_task_waits_for_a_future_of_ours():
    async def main():
        loop = GuestLoop(trio_py3.TrioToolkit())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio_py3.serve, loop)
            await trio.sleep(0)
            future = Future()
            loop.call_later(0.002, future.set_result, 7)
            found = await trio_py3.wait(future)
            loop.stop()
        loop.close()
        return found

    assert trio.run(main) == 7


def test_a_cancelled_task_cancels_the_future_it_waits_for():
    future = Future()

    async def main():
        with trio.move_on_after(0.002):
            await trio_py3.wait(future)

    trio.run(main)
    assert future.done()


def test_cancelling_the_task_ends_the_guest():
    async def main():
        loop = GuestLoop(trio_py3.TrioToolkit())
        with trio.move_on_after(0.002):
            await trio_py3.serve(loop)
        loop.close()
        return loop.closed

    assert trio.run(main)


def test_our_loop_drives_trio():
    loop = runtimes.choose()

    async def main(first):
        await trio.sleep(0.002)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 0.001)
        return first + 1

    pair = connected(loop)
    try:
        assert loop.run_until(trio_py3.run_trio(loop, main, 1)) == 2
        assert pair.client.state == 'connected'
    finally:
        loop.close()


def test_an_error_of_a_function_of_trio_fails_the_future():
    loop = runtimes.choose()

    async def main():
        raise ValueError('this one')

    try:
        with pytest.raises(ValueError):
            loop.run_until(trio_py3.run_trio(loop, main))
    finally:
        loop.close()
