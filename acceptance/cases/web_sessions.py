# Copyright the carryall authors.  See LICENSE.
"""carryall web --auth-kind form --store: curl logs in by the page, the server is killed and started
again, and curl is still logged in.  A program sees the login, and not the cookie."""
import os

PROVES = ['WEB-12', 'WEB-13']
NEEDS = ['curl', 'java']
PACKAGES = {'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java')}

CGI = b'''#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
echo "$REMOTE_USER $AUTH_TYPE ${HTTP_COOKIE-none}"
'''


def run(stage):
    """Login, kill -9, still there; logout, kill -9, still gone."""
    stage.write('site/who.cgi', CGI)
    os.chmod(stage.path('site', 'who.cgi'), 0o755)
    server = start(stage)
    stage.demand(who(stage, server, status='401') == '', 'there is no login')
    sent = ask(stage, server, '/login', '-d', 'name=anna&password=Tr0ub4dor-and-3&next=/who.cgi')
    stage.demand(sent == '303', 'the login gives %s', sent)
    stage.demand(who(stage, server) == 'anna Cookie none', 'the program does not see the login')
    server.end()

    server = start(stage)
    stage.demand(who(stage, server) == 'anna Cookie none', 'the login did not survive')
    stage.demand(ask(stage, server, '/who.cgi', '-b', 'carryall-session=' + 'A' * 32) == '401',
                 'an invented session counts')
    stage.demand(ask(stage, server, '/logout', '-d', '') == '303', 'there is no logout')
    server.end()

    server = start(stage)
    stage.demand(who(stage, server, status='401') == '', 'the logout did not survive')
    server.stop()


def start(stage):
    """The server."""
    return stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1',
                       '--account', 'anna=Tr0ub4dor-and-3', '--auth-kind', 'form', '--store',
                       'sqlite:sessions.db')


def ask(stage, server, path, *words):
    """The status of a request with the cookies of the one browser, unless -b is given."""
    cookies = () if '-b' in words else ('-b', 'jar', '-c', 'jar')
    return stage.foreign('curl', '-sS', '-o', 'page', '-w', '%{http_code}', *cookies, *words,
                         'http://%s:%d%s' % (server.address() + (path,))).decode('ascii')


def who(stage, server, status='200'):
    """The words of the program; '' for another status, which must be that one."""
    got = ask(stage, server, '/who.cgi')
    stage.demand(got == status, 'the program gives %s and not %s', got, status)
    return stage.read('page').decode('ascii').strip() if got == '200' else ''
