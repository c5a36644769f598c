# Copyright the carryall authors.  See LICENSE.
"""``await`` where the language has it."""
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
