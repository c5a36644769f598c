# Copyright the carryall authors.  See LICENSE.
"""The options of both eras."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.mail.options import SCHEMA, endpoints_of, smart_host_of, spool_of


def parse(text):
    return SCHEMA.parse(text.split())


def test_as_in_0_19(tmpdir):
    values = parse('-p 1110 -s 1025 -d foo.example=a -u ann=x -u bob=y=z -d bar.example=b -u '
                   'carl=w -b -r 127.0.0.1,8026=q')
    assert values.domain[0][0] == u'foo.example'
    assert values.domain[0][1].endswith(u'/a')
    assert values.user == [(u'ann@foo.example', u'x'), (u'bob@foo.example', u'y=z'),
                              (u'carl@bar.example', u'w')]
    assert values.bounce_to_postmaster is True
    assert smart_host_of(values) == ('127.0.0.1', 8026)
    assert spool_of(values).endswith(u'/q')
    assert [(name, endpoint.text()) for name, endpoint in endpoints_of(values)] == [
        ('smtp', u'tcp:1025:interface=127.0.0.1'), ('pop3', u'tcp:1110:interface=127.0.0.1')]
    for words in ('--pop 1 --smtp 2 --relay 10.0.0.1,25=q --domain a=b --username c=d '
                  '--bounce_to_postmaster', '-d a=b'):
        parse(words)


def test_as_in_1_2(tmpdir):
    pem = tmpdir.join('server.pem')
    pem.write('x')
    values = parse('--pop3 1 --pop3s 2 --smtp 3 --certificate %s --relay q --hostname mx.example '
                   '--esmtp --disable-anonymous --default '
                   '--maildirdbmdomain a.example=m --user u=p --aliases %s -R q' % (pem, pem))
    assert values.disable_anonymous
    assert values.default
    assert values.hostname == u'mx.example'
    assert smart_host_of(values) is None
    assert [name for name, _ in endpoints_of(values)] == ['smtp', 'pop3', 'pop3s']
    assert spool_of(values).endswith(u'/q')


def test_the_defaults_serve_smtp_and_pop3():
    values = parse('-d a.example=m')
    assert [(name, endpoint.port) for name, endpoint in endpoints_of(values)] == [('smtp', 8025),
                                                                                  ('pop3', 8110)]
    assert spool_of(values).endswith(u'/m/.spool')
    assert values.esmtp
    assert values.durable
    assert not parse('-d a=m --no-durable').durable
    assert parse('-d a=m --smtp none').smtp == u'none'
    assert SCHEMA.complete(values) == values
    assert SCHEMA.parse(SCHEMA.words(values)) == values
    full = parse('-d a=m -u x=y --route .b=[::1]:25 --route *=h:26 --smart-host h,25 '
                 '--relay-network 10.0.0.0/8 --rate 5')
    assert SCHEMA.parse(SCHEMA.words(full)) == full
    assert full.route == [(u'.b', u'[::1]:25'), (u'*', u'h:26')]
    assert smart_host_of(full) == ('h', 25)


@pytest.mark.parametrize('words', [
    '', '-u a=b', '-d a=m -u x@b=y', '-d a=m -d a=n', '-d a', '-d a_b=m', '-d a=m -u x=',
    '-d a=m -u ../x=y', '-d a=m --pop3s 2', '-d a=m --route x=y',
    '-d a=m --route b=h:0', '-d a=m --relay-network 10.0.0.1/8', '-d a=m --smtp none --pop3 none',
    '-d a=m --key /x', '-d a=m --smart-host x',
    '-d a=m -r 1.2.3.4,25=q --smart-host h:25', '-d a=m -r p -R q', '--default -R q',
    '-d a=m --lone-ends keep', '-d a=m --max-size 1'])
def test_contradicting_words_are_refused(words):
    with pytest.raises(UsageError):
        parse(words)


def test_a_user_without_a_password_gets_one():
    name, password = SCHEMA.parse(['-d', 'a.example=m', '-u', 'Anna']).user[0]
    assert (name, len(password)) == (u'anna@a.example', 16)
