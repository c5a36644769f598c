# Copyright the carryall authors.  See LICENSE.
"""Answers to CTCP queries."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import VirtualLoop
from carryall.protocols.irc import CTCP, ClientSettings
from carryall.protocols.irc.ctcpreplies import REPLIED, CTCPReplies


def replies(**settings):
    return CTCPReplies(VirtualLoop(), ClientSettings(**settings))


@pytest.mark.parametrize('verb, text, reply', [
    (b'VERSION', b'', b'carryall'), (b'PING', b'12 34', b'12 34'), (b'FINGER', b'', b'Ann'),
    (b'USERINFO', b'', b'Ann'), (b'ERRMSG', b'x', b'x :No error'), (b'SOURCE', b'', None),
    (b'TIME', b'', b'2026-01-01T00:16:40Z'), (b'PING', b'x' * 201, None), (b'ACTION', b'', None),
    (b'DCC', b'SEND x 1 2 3', None), (b'NONE', b'', None)])
def test_a_query_has_its_answer(verb, text, reply):
    assert replies(realname=b'Ann').answer(CTCP(verb, text)) == reply


def test_the_source_is_told_if_it_is_known():
    assert replies(source=b'https://host.example/').answer(
        CTCP(b'SOURCE', b'')) == b'https://host.example/'


def test_a_client_without_a_version_answers_nothing():
    assert replies(version=b'').answer(CTCP(b'PING', b'1')) is None


def test_a_flood_has_a_few_answers():
    several = replies()
    answers = [several.answer(CTCP(b'PING', b'1')) for _ in range(100)]
    assert len([each for each in answers if each is not None]) == REPLIED
