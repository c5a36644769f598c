# Copyright the carryall authors.  See LICENSE.
"""The service type ``news``, with the client."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands.catalogue import known_types
from carryall.core.errors import ListenFailed, Unsupported, UsageError
from carryall.core.future import completed
from carryall.core.testing import VirtualLoop
from carryall.protocols import smtp
from carryall.protocols.nntp import NNTPError, connect
from carryall.services.news.options import groups_of, moderators_of
from carryall.services.news.service import TYPE

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
ARTICLE = (b'From: Ann <ann@example.org>\r\nNewsgroups: misc.tea\r\nSubject: Tea\r\n\r\n.dots\r\n')


class Site(object):
    """A service on a free port, and its clients."""

    def __init__(self, *words):
        self.loop = runtimes.choose()
        self.service = None
        self.words = ['-p', 'tcp:0', '--group', 'misc.tea=About tea'] + list(words)
        self.start()

    def start(self):
        """Starts it (again)."""
        self.service = TYPE.make(TYPE.options.parse(self.words))
        try:
            self.service.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))

    def client(self):
        """A client."""
        port = int(self.service.listening()[0].rpartition(':')[2])
        return self.run(connect(self.loop, '127.0.0.1', port))

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def stop(self):
        """Stops it."""
        self.run(self.service.stop(0.5))

    def close(self):
        """Stops all."""
        if self.service.listening():
            self.stop()
        self.loop.close()


@pytest.fixture
def site(tmpdir):
    """A function that makes a Site in a folder of its own."""
    made = []

    def make(*words):
        made.append(Site('-d', os.path.join(str(tmpdir), 'news'), *words))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_the_registry_has_the_type():
    assert known_types().get('news') is TYPE


@pytest.mark.parametrize('words, endpoint', [
    ([], u'tcp:119:interface=127.0.0.1'), (['-p', '7000'], u'tcp:7000:interface=127.0.0.1'),
    (['-i', '192.0.2.1'], u'tcp:119:interface=192.0.2.1')])
def test_the_service_listens_on_this_machine_unless_told_otherwise(words, endpoint):
    assert TYPE.endpoints(TYPE.options.parse(words)) == [endpoint]


def test_the_options_of_both_eras_are_taken():
    options = TYPE.options.parse(['-p', '1119', '--database', 'pickle', '-f', 'x', '-g', 'a.b c.d'])
    assert groups_of(options) == [(b'a.b', b''), (b'c.d', b'')]
    assert os.path.basename(options.filename) == u'x'
    options = TYPE.options.parse([
        '-p', '1119', '-i', '127.0.0.1', '-d', 'x', '-m', 'mail.example', '--group', 'a.b=Tea',
        '--moderator', 'a.b=mod@example.org', '--subscription', 'a.*'])
    assert groups_of(options) == [(b'a.b', b'Tea')]
    assert moderators_of(options) == [(b'a.b', b'mod@example.org')]


@pytest.mark.parametrize('words', [
    ['--group', 'a b'], ['-g', 'a. b'], ['--moderator', 'a.b'], ['--moderator', 'a.b=x'],
    ['--moderator', 'a=b@c', '--moderator', 'a=d@e'], ['--subscription', '[a'],
    ['--name', 'a b'], ['--posting', 'accounts'], ['--need-account'], ['--admin', 'ann'],
    ['--feed', 'nonsense'], ['--key', 'x.pem'], ['--database', 'sql']])
def test_options_that_make_no_sense_are_refused(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_an_article_is_posted_and_there_after_a_restart(site):
    made = site()
    client = made.client()
    message_id = made.run(client.post(ARTICLE)).split()[-1]
    made.stop()
    made.start()
    client = made.client()
    assert made.run(client.group(u'misc.tea')) == (1, 1, 1, u'misc.tea')
    assert made.run(client.body(message_id)).lines == [b'.dots']
    assert made.run(client.list(b'NEWSGROUPS')) == [b'misc.tea\tAbout tea']
    made.run(client.compress())
    assert made.run(client.over(1, 9))[0][1][b'subject'] == b'Tea'


def test_without_groups_there_is_one_for_tests(tmpdir):
    loop = VirtualLoop()
    service = TYPE.make(TYPE.options.parse(['-p', '7000', '--store', 'memory:']))
    try:
        service.start(loop)
    except Unsupported as exc:
        pytest.skip(str(exc))
    client = loop.run_until(connect(loop, '127.0.0.1', 7000))
    assert loop.run_until(client.list(b'NEWSGROUPS')) == [b'local.test\tFor tests']
    loop.run_until(service.stop(1.0))
    assert service.listening() == []


def test_two_servers_do_not_share_a_folder(site):
    made = site()
    if not made.loop.caps.unix:
        pytest.skip('no Unix sockets here')
    with pytest.raises(ListenFailed):
        TYPE.make(TYPE.options.parse(made.words)).start(made.loop)
    assert made.client().may_post


def test_accounts_log_in_and_take_their_articles_back(site):
    made = site('--user', 'ann=secret', '--user', 'bob=secret', '--clear-logins', '--posting',
                'accounts')
    client = made.client()
    with pytest.raises(NNTPError) as caught:
        made.run(client.post(ARTICLE))
    assert caught.value.code == 480
    made.run(client.login(u'ann', b'secret', clear=True))
    message_id = made.run(client.post(ARTICLE)).split()[-1]
    made.stop()
    made.start()                    # the secret behind the keys is kept
    cancel = ARTICLE.replace(b'\r\n\r\n', b'\r\nControl: cancel ' + message_id + b'\r\n\r\n')
    for user, left in ((u'bob', 1), (u'ann', 0)):
        client = made.client()
        made.run(client.login(user, b'secret', clear=True))
        made.run(client.post(cancel))
        assert made.run(client.group(u'misc.tea'))[0] == left


def test_only_networks_of_feeds_offer_articles(site):
    made = site('--feed', '192.0.2.0/24')
    client = made.client()
    with pytest.raises(NNTPError) as caught:
        made.run(client.ihave(b'<1@example.org>', ARTICLE))
    assert caught.value.code == 502


def test_clients_of_other_networks_are_refused(site):
    made = site('--allow', '192.0.2.0/24')
    with pytest.raises(NNTPError) as caught:
        made.client()
    assert caught.value.code == 502


def test_posts_to_a_moderated_group_are_mailed(site):
    mailed = []

    class Moderator(smtp.MailBackend):
        """Takes mail."""

        def rcpt(self, session, transaction, recipient):
            return None

        def message(self, session, transaction):
            mailed.append((transaction.recipients[0].mailbox.local, transaction.message))
            return completed(b'250 2.0.0 Ok')

    made = site()
    listener = made.loop.listen_tcp(lambda: smtp.SMTPServer(Moderator(), made.loop), '127.0.0.1')
    made.stop()
    made.words += ['--moderator', 'misc.mod=mod@example.org', '-m',
                   '127.0.0.1:%d' % listener.address.port]
    made.start()
    client = made.client()
    text = made.run(client.post(ARTICLE.replace(b'misc.tea', b'misc.mod')))
    assert text.startswith(b'Article received <')
    assert mailed[0][0] == b'mod'
    assert b'\r\nSubject: Tea\r\n' in mailed[0][1]
    assert made.run(client.group(u'misc.mod'))[0] == 0
    listener.close()


def test_old_articles_expire(site):
    made = site('--max-size', '1')
    client = made.client()
    made.run(client.post(ARTICLE))
    made.run(made.service.expire())
    assert made.run(client.group(u'misc.tea')) == (0, 2, 1, u'misc.tea')
    made.run(client.post(ARTICLE))
    assert made.run(client.group(u'misc.tea')) == (1, 2, 2, u'misc.tea')


def test_the_message_of_the_day_is_read_again(site, tmpdir):
    motd = tmpdir.join('motd.txt')
    motd.write('one\n')
    made = site('--motd', str(motd))
    client = made.client()
    assert made.run(client.list(b'MOTD')) == [b'one']
    motd.write('two\n')
    made.service.reload()
    assert made.run(client.list(b'MOTD')) == [b'two']


class Standing(object):
    """A loop that does not run or close, so that an example ends."""

    def __init__(self, loop):
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def run(self):
        pass

    def close(self):
        pass


def test_the_example_of_a_client_asks_that_of_a_server(monkeypatch, capsys):
    made = VirtualLoop()
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(made))
    for name in ('nntp_server.py', 'nntp_client.py'):
        with open(os.path.join(ROOT, 'doc', 'examples', name), 'rb') as source:
            eval(compile(source.read(), name, 'exec'), {'__name__': '__main__'})
    assert capsys.readouterr()[0] == '1 Green or black?\n'
