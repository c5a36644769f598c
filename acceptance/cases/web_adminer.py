# Copyright the carryall authors.  See LICENSE.
"""Adminer, a PHP application of Debian: curl logs in with a form, makes a table, uploads and
exports, through php-cgi and through php-fpm."""
import os
import re
import shutil
import sqlite3

from acceptance import foreign
from acceptance.cases.web_php import start_fpm

PROVES = ['WEB-06', 'WEB-13']
NEEDS = ['curl', 'php-cgi', 'php-fpm8.2']
PACKAGES = {'php-cgi': ('php-cgi', 'php8.2-sqlite3'), 'php-fpm8.2': ('php-fpm', 'php8.2-sqlite3')}
UNPACKED = {'adminer': (('adminer',), ())}
LONG = True

PASSWORD = 'the-door'
ROWS = 3000
ENTRY = b'''<?php
function adminer_object() {
    include_once "./plugins/plugin.php";
    include_once "./plugins/login-password-less.php";
    return new AdminerPlugin(array(
        new AdminerLoginPasswordLess(password_hash("the-door", PASSWORD_DEFAULT))));
}
include "./adminer.php";
'''


def run(stage):
    """The same visit by both ways."""
    source = os.path.join(foreign.unpacked('adminer'), 'usr', 'share', 'adminer')
    shutil.copytree(os.path.join(source, 'plugins'), stage.path('site', 'plugins'))
    shutil.copy(os.path.join(source, 'adminer.php'), stage.path('site', 'adminer.php'))
    stage.write('site/index.php', ENTRY)
    words = ['--path', 'site', '--port', 'tcp:0:interface=127.0.0.1', '-i', 'index.php']
    server = stage.start('carryall', 'web', *words)
    visit(stage, server, 'cgi')
    server.stop()
    fpm = start_fpm(stage, stage.path('fpm.sock'))
    server = stage.start('carryall', 'web', '--fastcgi', '.php=unix:' + stage.path('fpm.sock'),
                         *words)
    visit(stage, server, 'fpm')
    server.stop()
    fpm.stop()


def visit(stage, server, name):
    """Logs in, makes a table, fills it by an upload, exports it, logs out."""
    base = 'http://%s:%d/' % server.address()
    database = stage.path('%s.db' % name)
    sqlite3.connect(database).close()
    jar = '%s.jar' % name
    place = base + '?sqlite=&username=ann&db=' + database

    def ask(url, *fields):
        """A page, as a browser with cookies asks for it."""
        words = []
        for field in fields:
            words += ['-F', field]
        return stage.foreign('curl', '-sS', '-L', '-b', jar, '-c', jar, *words,
                             url).decode('utf-8')

    def token(page):
        """The token of a form."""
        found = re.search(r"name=['\"]token['\"] value=['\"]([0-9:]+)['\"]", page)
        stage.demand(found, 'there is no token in %s', page[:3000])
        return 'token=' + found.group(1)

    page = ask(base)
    stage.demand('auth[password]' in page, 'there is no login page: %s', page[:3000])
    wrong = ask(base, 'auth[driver]=sqlite', 'auth[server]=', 'auth[username]=ann',
                'auth[password]=wrong', 'auth[db]=' + database)
    stage.demand('Logout' not in wrong, 'a wrong password lets in')
    page = ask(base, 'auth[driver]=sqlite', 'auth[server]=', 'auth[username]=ann',
               'auth[password]=' + PASSWORD, 'auth[db]=' + database)
    stage.demand('name="logout"' in page or "name='logout'" in page, 'no login: %s', page[:3000])
    page = ask(place + '&sql=', 'query=CREATE TABLE people (name TEXT, born INTEGER)', token(page))
    stage.demand('Query executed OK' in page, 'no table: %s', page[:3000])
    rows = ['name,born'] + ['person %d,%d' % (number, 1900 + number % 100)
                            for number in range(ROWS)]
    stage.write('%s.csv' % name, '\n'.join(rows).encode('ascii'))
    page = ask(place + '&select=people')
    page = ask(place + '&select=people', 'csv_file=@%s.csv' % name, 'separator=csv',
               'import=Import', token(page))
    stage.demand('%d rows have been imported' % ROWS in page or 'imported' in page,
                 'no upload: %s', page[:3000])
    with sqlite3.connect(database) as connection:
        count = connection.execute('SELECT count(*) FROM people').fetchone()[0]
    stage.demand(count == ROWS, 'the table has %d rows', count)
    page = ask(place + '&select=people')
    dump = ask(place + '&dump=', 'output=text', 'format=csv', 'tables[]=people', 'data[]=people',
               'table_style=', 'data_style=INSERT', token(page))
    stage.demand('person %d' % (ROWS - 1) in dump, 'no export: %s', dump[:500])
    page = ask(place, 'logout=Logout', token(page))
    stage.demand('auth[password]' in page, 'no logout: %s', page[:3000])
