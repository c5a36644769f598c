# Copyright the carryall authors.  See LICENSE.
"""carryall serve scgi answers behind nginx, lighttpd and Apache."""
from acceptance import frontservers

PROVES = ['SCG-01']
NEEDS = ['curl', 'nginx', 'lighttpd', 'apache2']
PACKAGES = frontservers.PACKAGES


def run(stage):
    """One application, behind each server."""
    frontservers.run(stage, 'scgi', 'scgi')
