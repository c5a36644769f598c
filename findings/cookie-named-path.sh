#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python servers make of a cookie called "path", "domain", "expires" or "secure".
#
# One would guess:  in a request a cookie is a name and a value (RFC 6265 section 4.2.1), and any
#                   token is a name; attributes stand in responses alone.
# What is:          http.cookies reads the field of a request by the rules of RFC 2109 and takes
#                   such a pair for an attribute of the cookie before it: the cookie is not there.
#                   When it is the first of the field there is none before it, and load() gives up:
#                   *no* cookie is there, without an error.  Bottle and CherryPy read by it.  WebOb
#                   (Pyramid) reads by itself and drops the same names, "version" alone excepted.
#                   Django, Falcon, Starlette, Tornado and Werkzeug have them all.
# Why it matters:   browsers send the longest Path and then the oldest cookie first: one page on the
#                   host that stores `path=...` in document.cookie ends all sessions of a Bottle
#                   application beside it, for this user, and for no reason that a log shows.
# Seen with:        Bottle 0.13.4, CherryPy 18.10.0, WebOb 1.8.11, Django 5.2.19, Falcon 4.4.0,
#                   Starlette 1.10.0, Tornado 6.6.1, Werkzeug 3.1.9; CPython 3.11.7.  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages bottle==0.13.4 cherrypy==18.10.0 webob==1.8.11 django==5.2.19 \
    falcon==4.4.0 starlette==1.10.0 tornado==6.6.1 werkzeug==3.1.9 2>/dev/null
cat > seen.py <<'PYTHON'
import http.cookies
import io
import sys

sys.path.insert(0, 'packages')
from importlib.metadata import version

import bottle
import cherrypy
import falcon
import webob
from django.http.cookie import parse_cookie as by_django
from starlette.requests import cookie_parser as by_starlette
from tornado.httputil import parse_cookie as by_tornado
from werkzeug.http import parse_cookie as by_werkzeug

BETWEEN, FIRST = 'a=1; path=2; domain=3; expires=4; secure=5; b=6', 'path=2; a=1; b=6'


def environ(field):
    return {'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': '/', 'QUERY_STRING': '',
            'SERVER_NAME': 'localhost', 'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1',
            'HTTP_HOST': 'localhost', 'REMOTE_ADDR': '127.0.0.1', 'HTTP_COOKIE': field,
            'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http', 'wsgi.input': io.BytesIO(),
            'wsgi.errors': sys.stderr, 'wsgi.multithread': False, 'wsgi.multiprocess': False,
            'wsgi.run_once': False}


def by_standard(field):
    return http.cookies.SimpleCookie(field)


def by_bottle(field):
    return bottle.BaseRequest(environ(field)).cookies


class Root:
    @cherrypy.expose
    def index(self):
        return ' '.join(cherrypy.request.cookie)


cherrypy.config.update({'log.screen': False})
application = cherrypy.Application(Root())


def by_cherrypy(field):
    return b''.join(application(environ(field), lambda *words: None)).decode().split()


def by_webob(field):
    return webob.Request(environ(field)).cookies


def by_falcon(field):
    return falcon.Request(environ(field)).cookies


ALL, TWO = 'a b domain expires path secure', 'a b'
EXPECTED = [('http.cookies', by_standard, TWO, ''), ('bottle', by_bottle, TWO, ''),
            ('cherrypy', by_cherrypy, TWO, ''), ('webob', by_webob, TWO, TWO),
            ('django', by_django, ALL, 'a b path'), ('falcon', by_falcon, ALL, 'a b path'),
            ('starlette', by_starlette, ALL, 'a b path'), ('tornado', by_tornado, ALL, 'a b path'),
            ('werkzeug', by_werkzeug, ALL, 'a b path')]
changed = 0
for name, ask, *expected in EXPECTED:
    about = sys.version.split()[0] if name == 'http.cookies' else version(name)
    seen = [' '.join(sorted(ask(field))) for field in (BETWEEN, FIRST)]
    changed += seen != expected
    print('%-20s %-32s path first: %s%s' % (name + ' ' + about, seen[0], seen[1] or 'none',
                                            '' if seen == expected else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
