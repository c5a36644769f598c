# Copyright the carryall authors.  See LICENSE.
"""The first line for a person in front of a terminal."""
from __future__ import absolute_import, division, print_function

import logging

import pytest

from carryall.commands import firstline, serverprocess
from carryall.commands.firstline import TerminalReport, address_of

URLS = (('http', 'http', 'https', '/'), ('https', 'https', 'https', '/'), ('plain', 'p', '', '/'),
        ('hidden', '', 'hs', '/x'))


@pytest.mark.parametrize('line, address', [
    (u'http on 127.0.0.1:8080', u'http://127.0.0.1:8080/'),
    (u'http on [::1]:8443 with TLS', u'https://[::1]:8443/'),
    (u'https on 127.0.0.1:8443', u'https://127.0.0.1:8443/'),
    (u'plain on 127.0.0.1:21', u'p://127.0.0.1:21/'),
    (u'plain on 127.0.0.1:21 with TLS', u'plain 127.0.0.1:21 with TLS'),
    (u'hidden on 127.0.0.1:21', u'hidden 127.0.0.1:21'),
    (u'hidden on 127.0.0.1:21 with TLS', u'hs://127.0.0.1:21/x'),
    (u'smtp on 127.0.0.1:2525', u'smtp 127.0.0.1:2525'),
    (u'pop3 on 127.0.0.1:995 with TLS', u'pop3 127.0.0.1:995 with TLS'),
    (u'web on unix:/run/web.sock', u'web on unix:/run/web.sock'),
    (u'http on unix:/run/x:80', u'http on unix:/run/x:80'),
    (u'http-2 on 127.0.0.1:8081', u'http://127.0.0.1:8081/'),
    (u'echo on udp 127.0.0.1:7', u'echo on udp 127.0.0.1:7')])
def test_a_listener_becomes_an_address_to_open(monkeypatch, line, address):
    monkeypatch.setattr(firstline, 'URLS', URLS)
    assert address_of(line) == address


@pytest.mark.parametrize('lines, more, said', [
    ([u'listening: http on 127.0.0.1:80'], [u'folder /x'],
     u'web: http://127.0.0.1:80/  folder /x  (Ctrl-C stops it)\n'),
    ([u'listening: smtp on 127.0.0.1:25', u'listening: pop3 on 127.0.0.1:110'], [],
     u'web: pop3 127.0.0.1:110\nweb: smtp 127.0.0.1:25  (Ctrl-C stops it)\n'),
    ([u'running, and listening nowhere'], [], u'web: runs  (Ctrl-C stops it)\n')])
def test_one_line_says_what_is_where_and_how_it_ends(capsys, lines, more, said):
    TerminalReport(u'web', more).ready(lines)
    assert capsys.readouterr()[0] == said


def test_the_log_for_a_person_leaves_out_what_the_loop_says_of_itself():
    people = serverprocess._ForPeople()

    def record(name, level):
        return logging.LogRecord(name, level, '', 0, 'x', (), None)

    assert not people.filter(record('carryall.runtimes', logging.INFO))
    assert people.filter(record('carryall.runtimes', logging.WARNING))
    assert people.filter(record('carryall.web', logging.INFO))


@pytest.mark.parametrize('told', [False, True])
def test_the_log_for_a_person_leaves_out_what_the_activity_tells(told):
    record = logging.LogRecord('carryall.ftp', logging.INFO, '', 0, 'x', (), None)
    record.told = True
    assert serverprocess._ForPeople(told).filter(record) is not told


def test_a_pipe_is_no_terminal(capsys):
    assert not firstline.on_a_terminal()
