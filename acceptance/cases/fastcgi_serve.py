# Copyright the carryall authors.  See LICENSE.
"""carryall serve fastcgi answers behind nginx, lighttpd and Apache."""
from acceptance import frontservers

PROVES = ['FCG-01']
NEEDS = ['curl', 'nginx', 'lighttpd', 'apache2']
PACKAGES = frontservers.PACKAGES


def run(stage):
    """One application, behind each server."""
    frontservers.run(stage, 'fastcgi', 'fcgi')
