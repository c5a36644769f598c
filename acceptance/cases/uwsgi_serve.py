# Copyright the carryall authors.  See LICENSE.
"""carryall serve uwsgi answers behind nginx and Apache."""
from acceptance import frontservers

PROVES = ['UWS-01']
NEEDS = ['curl', 'nginx', 'apache2']
PACKAGES = frontservers.PACKAGES


def run(stage):
    """One application, behind each server."""
    frontservers.run(stage, 'uwsgi', 'uwsgi', ('nginx', 'apache2'))
