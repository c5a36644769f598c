# Copyright the carryall authors.  See LICENSE.
"""The manifest of mod_python."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, FeatureEntry, FuzzEntry, Manifest, TypeEntry,
                                    URLEntry)

MANIFEST = Manifest(
    name='modpython',
    summary='sites of mod_python 2.7.8: handlers, the publisher, Apache\'s configuration',
    face='carryall.services.modpython',
    needs=['fastcgi', 'http', 'resources', 'web', 'wsgi'],
    types=[
        TypeEntry('modpython', 'carryall.services.modpython.service',
                  'a site of mod_python, with Apache\'s configuration',
                  words=['-c', 'DocumentRoot /']),
        TypeEntry('publisher', 'carryall.services.modpython.publisherservice',
                  'functions of modules in a folder, as pages', words=['.']),
    ],
    urls=[URLEntry('modpython', 'http', 'https'), URLEntry('publisher', 'http', 'https')],
    programs=['carryall.services.modpython.pypprograms'],
    fuzz=[FuzzEntry('tests.fuzz.modpython_targets', ['modpython-config'])],
    cases=['modpython_apache', 'modpython_serve', 'modpython_sites', 'modpython_state'],
    pages=['mod_python'],
    features=[
        FeatureEntry('MPY-01', PART, 'twelve phases, with a configuration in Apache\'s syntax'),
        FeatureEntry('MPY-02', PART, 'the package mod_python, member by member; no httpdapi'),
        FeatureEntry('MPY-03', DONE, 'results of handlers, and SERVER_RETURN'),
        FeatureEntry('MPY-04', DONE, 'add_handler, internal redirects, sub-requests, cleanups'),
        FeatureEntry('MPY-05', PART, 'the publisher of 2.7.8'),
        FeatureEntry('MPY-06', PART, 'carryall publisher FOLDER; .pyp of the web server'),
        FeatureEntry('MPY-07', DONE, '__auth__, __access__ and __auth_realm__'),
        FeatureEntry('MPY-08', DONE, 'nothing but a site\'s own objects is published'),
        FeatureEntry('MPY-09', PART, 'interpreters by server, folder or name; no processes'),
        FeatureEntry('MPY-10', PART, 'modules live and are loaded again; no cap on their memory'),
        FeatureEntry('MPY-11', PART, 'scripts of CGI in this process, with a module cgi; not yet '
                                     'beside Apache'),
        FeatureEntry('MPY-12', PART, 'PythonDebug; no PythonEnablePdb'),
        FeatureEntry('MPY-13', DONE, 'behind Apache by FastCGI, with its configuration written'),
        FeatureEntry('MPY-14', PART, 'Session, Cookie, PSP, filters, WSGI; no connection handlers'),
        FeatureEntry('NEW-17', DONE, 'on the JVM, each interpreter is a PySystemState'),
    ],
    readme=[
        ('`bin/carryall modpython -f httpd.conf`',
         'a site written for mod_python: handlers, publisher, Apache\'s configuration'),
        ('`bin/carryall publisher FOLDER`', 'functions of the modules in a folder, as pages'),
    ],
    paths=['acceptance/peers/modpythonpages.py', 'acceptance/peers/modpythonsite.py',
           'acceptance/peers/modpythonstore.py',
           'acceptance/peers/modpythonsites.json', 'acceptance/peers/modpythontracker',
           'acceptance/peers/modpythonwiki', 'tests/services/modpython'],
)
