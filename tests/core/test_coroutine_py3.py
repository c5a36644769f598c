# Copyright the carryall authors.  See LICENSE.
"""``await`` where the language has it."""
import asyncio

from carryall.core.errors import Unsupported
from carryall.core.future import Future, as_future, completed


def test_a_coroutine_awaits_futures():
    async def both(late):
        return await completed(1) + await late

    late = Future()
    future = as_future(both(late))
    assert not future.done()
    late.set_result(2)
    assert future.result() == 3


def test_an_error_is_raised_at_the_await():
    async def guarded(late):
        try:
            await late
        except KeyError:
            return 'caught'

    late = Future()
    future = as_future(guarded(late))
    late.set_exception(KeyError())
    assert future.result() == 'caught'


def test_a_tuple_and_none_come_back_as_they_are():
    async def echo(value):
        return await completed(value)

    assert as_future(echo((1, 2))).result() == (1, 2)
    assert as_future(echo(None)).result() is None


def test_asyncio_without_its_loop_is_unsupported_and_names_the_backend():
    async def rests():
        await asyncio.sleep(0.01)

    future = as_future(rests())
    assert isinstance(future.exception(), Unsupported)
    assert '--backend asyncio' in str(future.exception())
    assert isinstance(future.exception().cause, RuntimeError)


def test_a_runtime_error_of_the_application_stays_what_it_is():
    async def fails():
        raise RuntimeError('mine')

    assert type(as_future(fails()).exception()) is RuntimeError
