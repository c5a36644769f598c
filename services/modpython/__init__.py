# Copyright the carryall authors.  See LICENSE.
"""Sites of mod_python 2.7.8: handlers, the publisher and Apache's configuration.

    app = Pipeline(load('httpd.conf'), loop)        # an application of WSGI
"""
from __future__ import absolute_import, division, print_function

from carryall.services.modpython.apachemodule import install
from carryall.services.modpython.apachesyntax import SyntaxFault
from carryall.services.modpython.pipeline import Pipeline
from carryall.services.modpython.siteconfig import SiteConfig, load

__all__ = ['Pipeline', 'SiteConfig', 'SyntaxFault', 'install', 'load']
