# Copyright the carryall authors.  See LICENSE.
"""CHATHISTORY, MARKREAD, REDACT (IRCv3 chathistory, read-marker, message-redaction)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import MessageArchive
from carryall.protocols.irc.historycommands import parse_moment
from tests.protocols.irc.scene import Scene

CAPABILITIES = (b'batch', b'message-tags', b'server-time', b'draft/chathistory',
                b'draft/read-marker', b'draft/message-redaction', b'labeled-response',
                b'echo-message')


def scene():
    made = Scene()
    made.network.archive = MessageArchive()
    return made


def entered(made, nick, account=True, capabilities=CAPABILITIES):
    client = made.enter(nick, *capabilities)
    if account:
        client.server.user.account = nick
    client.take()
    return client


def talk(count=5):
    """Two members of a channel in which one has said a few numbers, a second apart."""
    made = scene()
    ann = entered(made, b'ann')
    ben = entered(made, b'ben')
    ann.send(b'JOIN #tea')
    ben.send(b'JOIN #tea')
    for number in range(count):
        ben.send(b'PRIVMSG #tea :%d' % number)
        made.loop.advance(1.0)
    ann.take()
    return made, ann, ben


def texts(lines):
    return [line.rpartition(b' :')[2] for line in lines if b' PRIVMSG ' in line]


def tag(line, name):
    tags = dict(word.partition(b'=')[::2] for word in line[1:].split(b' ')[0].split(b';'))
    return tags[name]


def ids(ann):
    return [tag(line, b'msgid') for line in ann.send(b'CHATHISTORY LATEST #tea * 50')
            if b' PRIVMSG ' in line]


# -- CHATHISTORY ---------------------------------------------------------------------------

def test_an_answer_is_one_batch():
    _, ann, _ = talk(1)
    lines = ann.send(b'CHATHISTORY LATEST #tea * 50')
    words = lines[0].split(b' ')
    name = words[3][1:]
    assert (words[4:], lines[-1], tag(lines[1], b'batch')) == (
        [b'chathistory', b'#tea'], b':irc.example BATCH -' + name, name)


@pytest.mark.parametrize('line, found', [
    (b'LATEST #tea * 2', b'34'), (b'LATEST #tea msgid=1 9', b'234'), (b'BEFORE #tea msgid=3 9',
                                                                     b'012'),
    (b'BEFORE #tea msgid=3 2', b'12'), (b'AFTER #tea msgid=1 2', b'23'),
    (b'AROUND #tea msgid=2 3', b'123'), (b'BETWEEN #tea msgid=0 msgid=3 9', b'12'),
    (b'BETWEEN #tea msgid=3 msgid=0 1', b'2'), (b'LATEST #tea * 0', b'01234')])
def test_messages_are_found(line, found):
    _, ann, _ = talk()
    known = ids(ann)
    for number, msgid in enumerate(known):
        line = line.replace(b'msgid=%d ' % number, b'msgid=' + msgid + b' ')
    assert b''.join(texts(ann.send(b'CHATHISTORY ' + line))) == found


def test_a_moment_names_a_place():
    _, ann, _ = talk()
    lines = ann.send(b'CHATHISTORY LATEST #tea * 50')
    moment = tag([line for line in lines if line.endswith(b':2')][0], b'time')
    assert texts(ann.send(b'CHATHISTORY AFTER #tea timestamp=' + moment + b' 50')) == [b'3', b'4']


def test_an_answer_has_its_label():
    _, ann, _ = talk()
    lines = ann.send(b'@label=7 CHATHISTORY LATEST #tea * 1')
    assert (tag(lines[0], b'label'), len(lines)) == (b'7', 3)


@pytest.mark.parametrize('line, code', [
    (b'CHATHISTORY LATEST #milk * 5', b'INVALID_TARGET'), (b'CHATHISTORY LATEST ben', None),
    (b'CHATHISTORY WORST #tea * 5', b'INVALID_PARAMS'),
    (b'CHATHISTORY LATEST #tea', b'NEED_MORE_PARAMS'),
    (b'CHATHISTORY LATEST #tea * x', b'INVALID_PARAMS'),
    (b'CHATHISTORY BEFORE #tea * 5', b'INVALID_PARAMS'),
    (b'CHATHISTORY BEFORE #tea msgid=x 5', b'INVALID_PARAMS'),
    (b'CHATHISTORY BEFORE #tea timestamp=now 5', b'INVALID_PARAMS'),
    (b'CHATHISTORY BETWEEN #tea * * 5', b'INVALID_PARAMS'),
    (b'CHATHISTORY TARGETS x y z', b'INVALID_PARAMS')])
def test_a_wrong_request_is_refused(line, code):
    _, ann, _ = talk(1)
    words = [each.split(b' ') for each in ann.send(line) if b' FAIL ' in each][0]
    assert words[4] == (code or b'NEED_MORE_PARAMS')


def test_one_outside_reads_nothing():
    made, _, _ = talk()
    assert texts(entered(made, b'cat').send(b'CHATHISTORY LATEST #tea * 5')) == []


def test_messages_of_two_accounts_are_theirs():
    made = scene()
    ann = entered(made, b'ann')
    ben = entered(made, b'ben')
    ann.send(b'PRIVMSG ben :secret')
    cat = entered(made, b'cat')
    ben.take()
    found = [texts(client.send(b'CHATHISTORY LATEST %s * 5' % name)) for client, name in (
        (ben, b'ann'), (ann, b'ben'), (cat, b'ann'), (cat, b'ben'))]
    assert found == [[b'secret'], [b'secret'], [], []]


def test_a_nick_without_an_account_has_no_history():
    made = scene()
    ann = entered(made, b'ann', account=False)
    ben = entered(made, b'ben', account=False)
    ann.send(b'PRIVMSG ben :secret')
    ben.take()
    assert texts(ben.send(b'CHATHISTORY LATEST ann * 5')) == []


def test_targets_are_those_with_messages():
    made, ann, ben = talk(1)
    ben.send(b'PRIVMSG ann :x')
    lines = ann.send(b'CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z '
                     b'timestamp=2999-01-01T00:00:00.000Z 10')
    assert [line.split(b' ')[4] for line in lines if b' TARGETS ' in line] == [b'#tea', b'ben']


@pytest.mark.parametrize('text, seconds', [
    (b'1970-01-01T00:00:01.500Z', 1.5), (b'1970-01-01T00:00:01Z', 1.0),
    (b'1970-13-01T00:00:01Z', None), (b'', None), (b'1970-01-01 00:00:01Z', None),
    (b'1970-01-01T25:00:01Z', None)])
def test_a_moment_is_read(text, seconds):
    assert parse_moment(text) == seconds


# -- MARKREAD ------------------------------------------------------------------------------

def test_a_marker_is_kept():
    _, ann, _ = talk(1)
    line = b'MARKREAD #tea timestamp=2026-01-02T03:04:05.678Z'
    lines = ann.send(line) + ann.send(b'MARKREAD #tea')
    assert [each.partition(b':irc.example ')[2] for each in lines] == [line, line]


def test_a_marker_is_shown_to_one_that_enters():
    made, ann, _ = talk(1)
    lines = ann.send(b'JOIN #milk')
    assert any(line.endswith(b'MARKREAD #milk *') for line in lines)


@pytest.mark.parametrize('line, code', [
    (b'MARKREAD #milk', b'INVALID_PARAMS'), (b'MARKREAD #tea timestamp=x', b'INVALID_PARAMS'),
    (b'MARKREAD #tea 5', b'INVALID_PARAMS')])
def test_a_wrong_marker_is_refused(line, code):
    _, ann, _ = talk(1)
    assert ann.send(line)[0].split(b' ')[4] == code


def test_markers_are_for_accounts():
    made, _, _ = talk(1)
    cat = entered(made, b'cat', account=False)
    assert b'ACCOUNT_REQUIRED' in cat.send(b'MARKREAD #tea')[0]


# -- REDACT --------------------------------------------------------------------------------

def test_one_takes_its_own_message_back():
    _, ann, ben = talk(2)
    msgid = ids(ann)[1]
    ben.send(b'REDACT #tea ' + msgid + b' :oops')
    heard = [line for line in ann.take() if b' REDACT ' in line][0]
    assert (heard.partition(b' REDACT ')[2], texts(ann.send(b'CHATHISTORY LATEST #tea * 5'))) == (
        b'#tea ' + msgid + b' oops', [b'0'])


def test_an_operator_of_the_channel_takes_a_message_back():
    _, ann, _ = talk(1)
    ann.send(b'REDACT #tea ' + ids(ann)[0])
    assert ids(ann) == []


@pytest.mark.parametrize('line, code', [
    (b'REDACT #tea %s', b'REDACT_FORBIDDEN'), (b'REDACT #tea x', b'UNKNOWN_MSGID'),
    (b'REDACT #milk %s', b'INVALID_TARGET'), (b'REDACT ben %s', b'UNKNOWN_MSGID')])
def test_no_other_takes_a_message_back(line, code):
    made, ann, _ = talk(1)
    msgid = ids(ann)[0]
    cat = entered(made, b'cat')
    cat.send(b'JOIN #tea')
    lines = cat.send(line.replace(b'%s', msgid))
    assert (lines[0].split(b' ')[4], ids(ann)) == (code, [msgid])


def test_one_with_the_nick_of_the_sender_takes_nothing_back():
    made, ann, ben = talk(1)
    msgid = ids(ann)[0]
    ben.send(b'QUIT')
    other = entered(made, b'ben', account=False)
    other.send(b'JOIN #tea')
    assert b'REDACT_FORBIDDEN' in other.send(b'REDACT #tea ' + msgid)[0]
