# Copyright the carryall authors.  See LICENSE.
"""Domains of this server, and the mailboxes of their addresses."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.auth.credentials import LoginFailed
from carryall.protocols.smtp import Mailbox, parse_mailbox
from carryall.services.mail.aliases import Aliases
from carryall.services.mail.domains import Domains, is_folder_name


def made(aliases='', tmpdir=None, catch_all=False):
    table = None
    if aliases:
        tmpdir.join('aliases').write(aliases)
        table = Aliases(str(tmpdir.join('aliases')))
        table.load()
    domains = Domains(table)
    domains.add(u'A.example', u'/m/a', catch_all)
    domains.add(u'b.example', u'/m/b')
    domains.add_account(u'anna', u'a.example')
    domains.add_account(u'bert', u'b.example')
    return domains


def to(domains, address):
    found = domains.resolve(parse_mailbox(address) if b'@' in address else Mailbox(address, b''))
    return found and sorted((one.address, one.folder) for one in found)


@pytest.mark.parametrize('address, expected', [
    (b'anna@a.example', [(b'anna@a.example', u'/m/a/anna')]),
    (b'ANNA@A.EXAMPLE', [(b'ANNA@a.example', u'/m/a/anna')]),
    (b'anna+lists@a.example', [(b'anna+lists@a.example', u'/m/a/anna')]),
    (b'bert@b.example', [(b'bert@b.example', u'/m/b/bert')]),
    (b'bert@a.example', None), (b'nobody@a.example', None),
    (b'Postmaster', [(b'Postmaster@a.example', u'/m/a/postmaster')]),
    (b'postmaster@b.example', [(b'postmaster@b.example', u'/m/b/postmaster')]),
    (b'"../x"@a.example', None), (b'"anna/../x"@a.example', None), (b'+@a.example', None)])
def test_an_address_finds_its_mailboxes(address, expected):
    assert to(made(), address) == expected


def test_unknown_mail_may_go_to_the_postmaster():
    assert to(made(catch_all=True),
              b'nobody@a.example') == [(b'nobody@a.example', u'/m/a/postmaster')]
    assert to(made(catch_all=True), b'nobody@b.example') is None


def test_a_default_domain_takes_all():
    domains = made()
    assert not domains.is_ours(b'c.example')
    domains.takes_all = True
    assert domains.is_ours(b'c.example')
    assert to(domains, b'anna@c.example') == [(b'anna@a.example', u'/m/a/anna')]


def test_aliases_are_expanded_without_circles(tmpdir):
    domains = made('all: anna, bert@b.example, x@far.example\ntwice: all, anna, anna+y\nloop: '
                   'pool\npool: loop\nanna: anna, bert@b.example\ndead: nobody\n'
                   'some: nobody, bert@b.example\nbert@b.example: bert, '
                   'y@far.example\nempty:\nowner-all: anna\n', tmpdir)
    assert to(domains, b'all@a.example') == [(b'anna@a.example', u'/m/a/anna'),
                                             (b'bert@b.example', u'/m/b/bert'),
                                             (b'x@far.example', None), (b'y@far.example', None)]
    assert [folder for _, folder in to(domains, b'twice@a.example')].count(u'/m/a/anna') == 1
    assert to(domains, b'loop@a.example') is None
    assert to(domains, b'dead@a.example') is None
    assert to(domains, b'empty@a.example') is None
    assert len(to(domains, b'some@a.example')) == 2
    assert domains.owner(parse_mailbox(b'all@a.example')) == b'owner-all@a.example'
    assert domains.owner(parse_mailbox(b'some@a.example')) is None


def test_deep_aliases_end(tmpdir):
    domains = made(''.join('a%d: a%d\n' % (number, number + 1) for number in range(30))
                   + 'a30: anna\n', tmpdir)
    assert to(domains, b'a0@a.example') is None
    assert to(domains, b'a25@a.example')


def test_logins_and_senders():
    domains = made()
    assert domains.avatar(u'anna', None, None).maildir is domains.avatar(u'Anna@a.example', None,
                                                                         None).maildir
    for name in (u'bert', u'x@a.example', u'anna@c.example', u'../x', u''):
        with pytest.raises(LoginFailed):
            domains.avatar(name, None, None)
    assert domains.may_send_as(u'anna', parse_mailbox(b'anna+x@a.example'))
    assert not domains.may_send_as(u'anna', parse_mailbox(b'bert@b.example'))
    assert not domains.may_send_as(u'anna', parse_mailbox(b'anna@far.example'))
    assert not domains.may_send_as(u'anna', parse_mailbox(b'x@a.example'))


def test_accounts_can_be_read_again():
    domains = made()
    domains.forget_accounts()
    assert to(domains, b'anna@a.example') is None
    assert domains.names() == [u'a.example', u'b.example']


@pytest.mark.parametrize('name, right',
                         [(u'anna', True), (u'a.b-c_d', True), (u'.spool', False), (u'..', False),
                          (u'a/b', False), (u'a\\b', False), (u'', False),
                                         (u'a@b', False), (u'a' * 65, False), (u'\xfc', False),
                          (u'-a', False), (u'a\0', False), (os.sep, False)])
def test_a_folder_name_cannot_lead_elsewhere(name, right):
    assert is_folder_name(name) is right
