# Copyright the carryall authors.  See LICENSE.
"""Every service that has accounts can be told when it bans, and for how long."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.optiontypes import PasswordPath
from carryall.commands.catalogue import TYPES, known_types
from carryall.core.testing import VirtualLoop

WITH_ACCOUNTS = ['ftp', 'irc', 'ldap', 'mail', 'news', 'pb', 'socks', 'telnet', 'web']
BANS = [u'--ban-after', u'7', u'--ban-seconds', u'1h']


def has_accounts(options):
    return any(isinstance(option.kind, PasswordPath) or option.name == 'auth' for option in options)


def test_no_service_is_left_out():
    types = [known_types().get(row[0]) for row in TYPES]
    assert sorted(one.name for one in types if has_accounts(one.options.options)) == WITH_ACCOUNTS


@pytest.mark.parametrize('name', WITH_ACCOUNTS)
def test_the_options_are_the_same_everywhere(name):
    schema = known_types().get(name).options
    needed = [u'--domain', u'a.example=m'] if name == 'mail' else []
    values = schema.parse(needed + BANS)
    assert (values.ban_after, values.ban_seconds) == (7, 3600.0)
    values = schema.parse(needed)
    assert (values.ban_after, values.ban_seconds) == (10, 600.0)


def test_a_service_keeps_to_them(tmpdir):
    tmpdir.join('users').write_binary(b'')
    words = ['--port', 'tcp:0', '--password-file', str(tmpdir.join('users'))] + BANS
    loop = VirtualLoop()
    kind = known_types().get('socks')
    service = kind.make(kind.options.parse(words))
    service.start(loop)
    assert (service.gate.guard.ban_after, service.gate.guard.ban_seconds) == (7, 3600.0)
    loop.run_until(service.stop())
