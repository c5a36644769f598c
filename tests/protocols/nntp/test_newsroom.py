# Copyright the carryall authors.  See LICENSE.
"""The newsroom: what is filed where, moderation, control messages, cancels."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import completed, failed
from carryall.core.testing import VirtualLoop
from carryall.protocols.nntp import (ACCEPTED, HAVE, LATER, REFUSED, Group, parse_article)
from tests.protocols.nntp.newsstand import make_room, wire_article


@pytest.fixture
def loop():
    return VirtualLoop()


def post(loop, room, groups=b'misc.test', more=b'', account=None, body=b'x\r\n'):
    """The Verdict of a post."""
    octets = (b'From: a@b\r\nNewsgroups: ' + groups + b'\r\nSubject: s\r\n' + more + b'\r\n' + body)
    return loop.run_until(room.post(octets, account))


def fields(loop, room, message_id):
    """The article of a message-id, parsed."""
    return parse_article(loop.run_until(room.store.by_id(message_id)).octets)


def test_an_article_is_filed_in_each_of_its_groups(loop):
    """RFC 5536 section 3.2.14."""
    room = make_room(loop, 2)
    room.add_group(Group(b'alt.tea'))
    verdict = post(loop, room, b'alt.tea,misc.test,no.such')
    assert verdict.kind == ACCEPTED
    assert fields(loop, room, verdict.message_id).get(b'xref') == \
        b'news.example alt.tea:1 misc.test:3'
    assert (room.groups.get(b'alt.tea').count, room.groups.get(b'misc.test').count) == (1, 3)


def test_a_long_xref_is_folded(loop):
    room = make_room(loop)
    names = [b'g%02d.' % number + b'x' * 60 for number in range(40)]
    for name in names:
        room.add_group(Group(name))
    verdict = post(loop, room, b',\r\n '.join(names))
    octets = loop.run_until(room.store.by_id(verdict.message_id)).octets
    assert max(map(len, octets.split(b'\r\n'))) < 998
    assert fields(loop, room, verdict.message_id).get(b'xref').count(b':1') == 40


@pytest.mark.parametrize('groups, status, reason', [
    (b'no.such', b'y', b'No such newsgroup here'), (b'a.b', b'x', b'No such newsgroup here'),
    (b'a.b', b'n', b'No posts to a.b'), (b'a.b', b'j', b'No posts to a.b'),
    (b'a..b', b'y', b'Invalid newsgroup name')])
def test_posts_that_no_group_takes_are_refused(loop, groups, status, reason):
    room = make_room(loop)
    room.add_group(Group(b'a.b', status))
    verdict = post(loop, room, groups)
    assert (verdict.kind, verdict.text) == (REFUSED, reason)


@pytest.mark.parametrize('status, kind', [(b'n', ACCEPTED), (b'x', REFUSED), (b'j', REFUSED),
                                          (b'm', REFUSED)])
def test_articles_of_peers_go_by_the_status_of_the_group(loop, status, kind):
    room = make_room(loop)
    room.add_group(Group(b'a.b', status))
    octets = wire_article(loop, b'1', b'a.b')
    assert loop.run_until(room.transfer(octets, b'<1@example.org>')).kind == kind


def test_junk_is_kept_in_its_group(loop):
    room = make_room(loop)
    room.add_group(Group(b'a.b', b'j'))
    room.add_group(Group(b'junk', b'n'))
    loop.run_until(room.transfer(wire_article(loop, b'1', b'a.b'), b'<1@example.org>'))
    assert room.groups.get(b'junk').count == 1


@pytest.mark.parametrize('field', [b'Xref: a b:1', b'Injection-Date: x', b'Path: a!.POSTED!b',
                                   b'Supersedes: x', b'Followup-To: a b',
                                   b'Message-ID: nonsense', b'Subject: again'])
def test_a_post_may_not_have_fields_of_servers_or_wrong_ones(loop, field):
    room = make_room(loop)
    assert post(loop, room, more=field + b'\r\n').kind == REFUSED


def test_a_refused_article_of_a_peer_is_not_asked_for_again(loop):
    room = make_room(loop)
    octets = wire_article(loop, b'1', b'no.such')
    assert loop.run_until(room.transfer(octets, b'<1@example.org>')).kind == REFUSED
    assert loop.run_until(room.wanted(b'<1@example.org>')) == HAVE


def test_more_articles_than_may_be_under_way_are_put_off(loop, monkeypatch):
    monkeypatch.setattr('carryall.protocols.nntp.newsroom.MAX_PENDING', 0)
    room = make_room(loop)
    octets = wire_article(loop, b'1')
    assert loop.run_until(room.wanted(b'<1@example.org>')) == LATER
    assert loop.run_until(room.transfer(octets, b'<1@example.org>')).kind == LATER


# -- moderation ----------------------------------------------------------------

def test_a_post_to_a_moderated_group_goes_to_the_moderator(loop):
    """RFC 5537 section 3.5.1."""
    room = make_room(loop)
    mailed = []
    room.moderate = lambda article, group: mailed.append((article, group)) or completed(None)
    verdict = post(loop, room, b'misc.mod,misc.test')
    assert (verdict.kind, verdict.text) == (ACCEPTED, b'Mailed to the moderator')
    assert [group.moderator for _, group in mailed] == [b'mod@example.org']
    assert room.groups.get(b'misc.test').count == 0


def test_a_moderator_that_cannot_be_reached_puts_the_post_off(loop, expect_log):
    expect_log('cannot be reached')
    room = make_room(loop)
    assert post(loop, room, b'misc.mod').kind == REFUSED
    room.moderate = lambda article, group: failed(OSError('no mail'))
    assert post(loop, room, b'misc.mod').kind == LATER


def test_an_approved_post_needs_an_account(loop):
    room = make_room(loop)
    approved = b'Approved: mod@example.org\r\n'
    assert post(loop, room, b'misc.mod', approved).kind == REFUSED
    assert post(loop, room, b'misc.mod', approved, u'mod').kind == ACCEPTED
    octets = wire_article(loop, b'1', b'misc.mod', approved)
    assert loop.run_until(room.transfer(octets, b'<1@example.org>')).kind == ACCEPTED


# -- control messages ----------------------------------------------------------

def test_an_account_takes_its_own_article_back(loop):
    """RFC 8315."""
    room = make_room(loop)
    room.add_group(Group(b'control.cancel', b'n'))
    target = post(loop, room, account=u'ann').message_id
    cancel = b'Control: cancel ' + target + b'\r\n'
    post(loop, room, more=cancel, account=u'bob')
    post(loop, room, more=cancel)
    assert room.groups.get(b'misc.test').count == 1
    assert post(loop, room, more=cancel, account=u'ann').kind == ACCEPTED
    assert room.groups.get(b'misc.test').count == 0
    assert room.groups.get(b'control.cancel').count == 3
    assert loop.run_until(room.wanted(target)) == HAVE


def test_an_article_supersedes_one_of_the_same_account(loop):
    room = make_room(loop)
    target = post(loop, room, account=u'ann').message_id
    post(loop, room, more=b'Supersedes: ' + target + b'\r\n', account=u'ann')
    group = room.groups.get(b'misc.test')
    assert (group.count, group.low, group.high) == (1, 2, 2)


@pytest.mark.parametrize('policy, left', [('locked', 1), ('none', 1), ('all', 0)])
def test_cancels_of_peers_go_by_the_policy(loop, policy, left):
    room = make_room(loop, 1, cancels=policy)
    octets = wire_article(loop, b'c', more=b'Control: cancel <1@example.org>\r\n')
    assert loop.run_until(room.transfer(octets, b'<c@example.org>')).kind == ACCEPTED
    assert room.groups.get(b'misc.test').count == left


def test_a_cancel_that_comes_first_keeps_its_target_out(loop):
    room = make_room(loop, cancels='all')
    octets = wire_article(loop, b'c', more=b'Control: cancel <1@example.org>\r\n')
    loop.run_until(room.transfer(octets, b'<c@example.org>'))
    assert loop.run_until(room.transfer(wire_article(loop, b'1'), b'<1@example.org>')).kind == HAVE


def test_administrators_make_and_remove_groups(loop):
    room = make_room(loop, admins=(u'root',))
    newgroup = b'Control: newgroup alt.new moderated\r\n'
    body = b'For your newsgroups file:\r\nalt.new\tNews (Moderated)\r\n'
    assert post(loop, room, more=newgroup, account=u'ann', body=body).kind == REFUSED
    assert post(loop, room, more=newgroup, account=u'root', body=body).kind == ACCEPTED
    group = room.groups.get(b'alt.new')
    assert (group.status, group.description) == (b'm', b'News (Moderated)')
    post(loop, room, more=b'Control: newgroup alt.new\r\n', account=u'root')
    assert group.status == b'y'
    post(loop, room, more=b'Control: rmgroup alt.new\r\n', account=u'root')
    assert room.groups.get(b'alt.new') is None


def test_groups_of_peers_are_not_made(loop):
    room = make_room(loop)
    octets = wire_article(loop, b'c', more=b'Control: newgroup alt.new\r\n')
    loop.run_until(room.transfer(octets, b'<c@example.org>'))
    assert room.groups.get(b'alt.new') is None
