# Copyright the carryall authors.  See LICENSE.
"""The manifest of resources and scripts."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, AdditionEntry, FeatureEntry, Manifest

MANIFEST = Manifest(
    name='resources',
    summary='trees of resources, and scripts in Python for the web server',
    face='carryall.services.resources',
    needs=['asgi', 'http', 'web', 'wsgi'],
    programs=['carryall.services.scripts.epyprograms', 'carryall.services.scripts.rpyprograms',
              'carryall.services.scripts.trpprograms', 'carryall.services.scripts.wsgiprograms',
              'carryall.services.scripts.asgiprograms',
              'carryall.services.scripts.fileclasses'],
    additions=[AdditionEntry('web', 'carryall.services.resources.rootoptions')],
    examples=['bugs.tac', 'proxy.py', 'resource_tree.py'],
    cases=['web_scripts'],
    features=[
        FeatureEntry('WEB-07', DONE, '.epy scripts, with a limit on time'),
        FeatureEntry('WEB-08', DONE, '.rpy scripts, which make a resource'),
        FeatureEntry('WEB-09', DONE, '.trp files are taps; pickles are refused'),
    ],
    readme=[
        ('`bin/carryall web --path DIR`',
         'the same runs scripts: `.epy`, `.rpy` as in Twisted, `.wsgi`, `.asgi`'),
    ],
    paths=['services/scripts', 'tests/services/resources', 'tests/services/scripts'],
)
