# Copyright the carryall authors.  See LICENSE.
"""The configuration for Apache before this server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.transport import Address
from carryall.services.modpython.apachefront import front_configuration
from carryall.services.modpython.siteconfig import load

HOSTS = u'''
<VirtualHost *>
    ServerName one.example
    ServerAlias www.one.example *.one.example
</VirtualHost>
<VirtualHost *>
    ServerName two.example
</VirtualHost>
'''


@pytest.mark.parametrize('address, target', [
    (Address('127.0.0.1', 9000), 'fcgi://127.0.0.1:9000/'),
    (Address('::1', 9000), 'fcgi://[::1]:9000/'),
    (Address('/run/site.sock', None), 'unix:/run/site.sock|fcgi://localhost/')])
def test_all_requests_go_to_the_address(tmpdir, address, target):
    conf = tmpdir.join('httpd.conf')
    conf.write(u'DocumentRoot /srv\n')
    found = front_configuration(load(str(conf)).hosts, address)
    assert 'ProxyPass "/" "%s"' % target in found
    assert '<VirtualHost' not in found


def test_virtual_hosts_keep_their_names(tmpdir):
    conf = tmpdir.join('httpd.conf')
    conf.write(HOSTS)
    found = front_configuration(load(str(conf)).hosts, Address('127.0.0.1', 9000))
    assert found.count('<VirtualHost *>') == 2
    assert '    ServerAlias *.one.example\n' in found
    assert '    ServerName two.example\n' in found
