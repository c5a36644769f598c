# Copyright the carryall authors.  See LICENSE.
"""The options of bans, in every service that has accounts."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app import loginoptions
from carryall.app.loginoptions import LoginOptions
from carryall.core.errors import UsageError
from carryall.app.options import Schema
from carryall.core.testing import VirtualLoop

HOST = '192.0.2.1'


def guard(loop, *words):
    group = LoginOptions()
    return group.guard(Schema([group]).parse([u'%s' % word for word in words]), loop)


def test_a_ban_may_be_longer(expect_log):
    expect_log('shut out for 3600 seconds: 2 logins failed')
    loop = VirtualLoop()
    made = guard(loop, '--ban-after', '2', '--ban-seconds', '1h')
    made.failed(HOST)
    assert not made.refused(HOST)
    made.failed(HOST)
    loop.advance(3599.0)
    assert made.refused(HOST)
    loop.advance(1.0)
    assert not made.refused(HOST)


def test_bans_may_be_switched_off():
    made = guard(VirtualLoop(), '--ban-after', '0')
    delays = [made.failed(HOST) for _ in range(1000)]
    assert not made.refused(HOST)
    assert max(delays) == 16.0, 'the delay stays'


def test_without_options_it_is_as_before():
    made = guard(VirtualLoop())
    assert (made.ban_after, made.ban_seconds) == (10, 600.0)


def test_the_former_functions_do_the_same_with_a_warning():
    with pytest.warns(DeprecationWarning):
        schema = Schema(loginoptions.ban_options())
    with pytest.warns(DeprecationWarning):
        made = loginoptions.guard_of(schema.parse(['--ban-after', '3']), VirtualLoop())
    assert made.ban_after == 3


@pytest.mark.parametrize('words', [
    ('--ban-after', '-1'), ('--ban-after', 'x'), ('--ban-seconds', '0'), ('--ban-seconds', '2y')])
def test_contradicting_words_are_refused(words):
    with pytest.raises(UsageError):
        guard(VirtualLoop(), *words)
