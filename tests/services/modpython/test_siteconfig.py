# Copyright the carryall authors.  See LICENSE.
"""Configurations in Apache's syntax."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import UsageError
from carryall.services.modpython import load
from carryall.services.modpython.siteconfig import HtaccessFault

BEGIN = u'DocumentRoot /srv\n'


@pytest.fixture
def read(tmpdir):
    def read(text):
        path = tmpdir.join('httpd.conf')
        path.write(text)
        return load(str(path))
    return read


def _options(config, uri='/', filename='/srv/a/b/file.py', host='x'):
    return config.host(host).values_for(uri, filename).get('PythonOption')


def test_more_specific_places_win_in_apaches_order(read):
    config = read(BEGIN + u'''
PythonOption a server
PythonOption b server
<Location /x>
    PythonOption a location
</Location>
<Files *.py>
    PythonOption a files
    PythonOption c files
</Files>
<DirectoryMatch ^/srv/a>
    PythonOption a match
    PythonOption d match
</DirectoryMatch>
<Directory /srv/a/b>
    PythonOption a deep
    PythonOption e deep
</Directory>
<Directory /srv>
    PythonOption a root
    PythonOption e root
</Directory>
''')
    assert _options(config, '/y') == {'a': 'files', 'b': 'server', 'c': 'files', 'd': 'match',
                                      'e': 'deep'}
    assert _options(config, '/x/y')['a'] == 'location'
    assert _options(config, '/xy')['a'] == 'files'
    assert _options(config, '/', '/other/file.py')['a'] == 'files'
    assert _options(config, '/', '/other/file.txt') == {'a': 'server', 'b': 'server'}


def test_virtual_hosts_are_chosen_by_name(read):
    config = read(BEGIN + u'''
PythonOption who main
<VirtualHost *:80>
    ServerName one.example
    PythonOption who one
</VirtualHost>
<VirtualHost *:80>
    ServerName two.example
    ServerAlias *.two.example deux.example
    DocumentRoot /two
</VirtualHost>
''')
    assert _options(config, host='one.example') == {'who': 'one'}
    assert _options(config, host='ONE.example') == {'who': 'one'}
    assert _options(config, host='www.two.example') == {'who': 'main'}
    assert config.host('deux.example').candidate('/a') == '/two/a'
    assert config.host('unknown').name == 'one.example'


def test_handlers_of_a_section_are_a_list_and_replace_those_above(read):
    config = read(BEGIN + u'''
PythonHandler top
<Directory /srv/a>
    PythonHandler one two::there
    PythonHandler three | .py .psp
</Directory>
''')
    specs = config.server.values_for('/', '/srv/a/x')['PythonHandler']
    assert [repr(spec) for spec in specs] == ['one', 'two::there', 'three']
    assert [spec.directory for spec in specs] == ['/srv/a'] * 3
    assert specs[2].suffixes == ('.py', '.psp')
    assert specs[1].object == 'there'
    above = config.server.values_for('/', '/srv/x')['PythonHandler']
    assert [repr(spec) for spec in above] == ['top']


def test_files_are_translated(read, tmpdir):
    tmpdir.join('a/b.py').write('', ensure=True)
    config = read(u'DocumentRoot %s\nAlias /lib /usr/share/lib/\n' % tmpdir)
    host = config.server
    root = str(tmpdir)
    assert host.candidate('/lib/x') == '/usr/share/lib/x'
    assert host.candidate('/library') == root + '/library'
    assert host.translate(root + '/a/b.py/c/d') == (root + '/a/b.py', '/c/d')
    assert host.translate(root + '/a/none/c') == (root + '/a/none', '/c')
    assert host.translate(root + '/a/') == (root + '/a/', '')


def test_htaccess_counts_where_it_is_allowed(read, tmpdir, expect_log):
    expect_log('is not allowed here')
    config = read(u'DocumentRoot %s\n<Directory %s/a>\nAllowOverride All\n</Directory>\n'
                  u'<Directory %s/b>\nAllowOverride Indexes\n</Directory>\n'
                  % (tmpdir, tmpdir, tmpdir))
    for name in 'abc':
        tmpdir.join(name, '.htaccess').write('PythonOption from %s\nSetHandler mod_python\n' % name,
                                             ensure=True)
    values = config.server.values_for('/', str(tmpdir.join('a/file')))
    assert values['PythonOption'] == {'from': 'a'}
    assert 'PythonOption' not in config.server.values_for('/', str(tmpdir.join('c/file')))
    with pytest.raises(Exception) as caught:
        config.server.values_for('/', str(tmpdir.join('b/file')))
    assert type(caught.value).__name__ == 'HtaccessFault'
    tmpdir.join('a/.htaccess').write('PythonOption from again-and-longer\n')
    values = config.server.values_for('/', str(tmpdir.join('a/file')))
    assert values['PythonOption'] == {'from': 'again-and-longer'}


def test_files_are_included(read, tmpdir):
    tmpdir.join('conf.d/b.conf').write('PythonOption b 2\n', ensure=True)
    tmpdir.join('conf.d/a.conf').write('PythonOption a 1\n', ensure=True)
    config = read(u'Include %s/conf.d/*.conf\nIncludeOptional %s/none\n' % (tmpdir, tmpdir))
    assert config.server.values['PythonOption'] == {'a': '1', 'b': '2'}


@pytest.mark.parametrize('text, line', [
    (u'Nonsense 1\n', 1), (u'\n\nDocumentRoot\n', 3), (u'DocumentRoot a b\n', 1),
    (u'<Directory /x>\nNonsense 1\n</Directory>\n', 2), (u'<Directory /x>\n', 1),
    (u'</Directory>\n', 1), (u'<Directory /x>\n</Location>\n', 2),
    (u'<Nonsense>\n</Nonsense>\n', 1),
    (u'PythonDebug perhaps\n', 1), (u'<Directory x>\n</Directory>\n', 1),
    (u'<DirectoryMatch (>\n</DirectoryMatch>\n', 1), (u'Require all granted\n', 1),
    (u'<Directory /x>\nDocumentRoot /y\n</Directory>\n', 2), (u'A "b\n', 1),
    (u'<Directory /x\n', 1),
    (u'<Location /x>\n<Directory /y>\n</Directory>\n</Location>\n', 2),
    (u'<VirtualHost *>\n<VirtualHost *>\n</VirtualHost>\n</VirtualHost>\n', 2),
    (u'Include /nowhere/at/all\n', 1), (u'PythonOption a \\\n b \\\n c\n', 1),
    (u'\n<Limit GET>\n</Limit>\n', 2), (u'1x\n', 1), (u'ErrorDocument 9 x\n', 1),
    (u'<Files>\n</Files>\n', 1), (u'a' * 9000, 1),
])
def test_faults_are_told_with_file_and_line(read, text, line):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert u'httpd.conf, line %d: ' % line in u'%s' % caught.value


def test_files_that_include_themselves_are_an_error(read, tmpdir):
    with pytest.raises(UsageError):
        read(u'Include %s\n' % tmpdir.join('httpd.conf'))


def test_conditions_and_lines_of_others_are_taken(read):
    config = read(u'LoadModule python_module modules/mod_python.so\nKeepAlive On\n'
                  u'<IfModule mod_python.c>\nPythonOption a 1\n</IfModule>\n'
                  u'<IfModule !mod_python.c>\nNonsense\n</IfModule>\n'
                  u'<IfDefine x>\nNonsense\n</IfDefine>\n'
                  u'# a comment\nPythonOption "b c" \\\n "d \\"e\\""\n')
    assert config.server.values['PythonOption'] == {'a': '1', 'b c': 'd "e"'}


def test_htaccess_that_cannot_be_looked_at_is_not_absent(read, tmpdir, expect_log):
    config = read(u'<Directory />\nAllowOverride All\n</Directory>\n')
    tmpdir.join('a').ensure(dir=True)
    os.symlink('.htaccess', str(tmpdir.join('a', '.htaccess')))
    expect_log('.htaccess')
    with pytest.raises(HtaccessFault):
        config.server.values_for('/a/x', str(tmpdir.join('a', 'x')))


@pytest.mark.parametrize('name', ['pub', 'pub.py', 'pub.pyp'])
def test_files_guards_every_spelling_of_a_published_module(read, name):
    config = read(u'PythonHandler mod_python.publisher\n'
                  u'<Files pub.py>\nPythonOption guarded yes\n</Files>\n')
    values = config.server.values_for('/' + name, '/nonexistent/' + name)
    assert values.get('PythonOption') == {'guarded': 'yes'}


def test_files_guards_the_index_of_a_published_folder(read, tmpdir):
    config = read(u'PythonHandler mod_python.publisher\n'
                  u'<Files index.py>\nPythonOption guarded yes\n</Files>\n')
    assert config.server.values_for('/', str(tmpdir) + '/').get('PythonOption')


def test_files_is_exact_for_other_handlers(read):
    config = read(u'PythonHandler other\n<Files pub.py>\nPythonOption guarded yes\n</Files>\n')
    assert config.server.values_for('/pub', '/nonexistent/pub').get('PythonOption') is None
