# Copyright the carryall authors.  See LICENSE.
"""The manifest of HTTP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, PART, FeatureEntry, FixtureEntry, Manifest

MANIFEST = Manifest(
    name='http',
    summary='HTTP/1.1, server and client (RFC 9110, 9111, 9112)',
    face='carryall.protocols.http',
    port=80,
    fixtures=[
        FixtureEntry('http_server', 'http', '',
                     'Call it with app= or path=; the URL, without a slash at its end.'),
        FixtureEntry('https_server', 'https', '',
                     'As http_server, over TLS; carryall_ca is the file to trust.'),
    ],
    paths=['tests/protocols/http'],
    features=[
        FeatureEntry('HTC-01', DONE,
                     'a client with a pool of connections, which are used again safely'),
        FeatureEntry('HTC-03', DONE,
                     'bodies are streamed both ways, resumed, and bounded when decoded'),
        FeatureEntry('HTC-07', DONE, 'the client verifies certificates on every runtime'),
        FeatureEntry('HTS-01', DONE, 'HTTP/1.0 and 1.1, with pipelined responses in order'),
        FeatureEntry('HTS-03', DONE, 'requests that could be read in two ways are refused'),
        FeatureEntry('HTS-04', DONE, 'each limit has its status: 413, 414, 431, 501, 505'),
        FeatureEntry('HTS-10', DONE,
                     'ranges: one, several, suffixes, If-Range, with a bound on overlaps'),
        FeatureEntry('HTS-11', DONE, 'conditional requests in the order of RFC 9110'),
        FeatureEntry('HTS-12', DONE, 'responses are compressed, or come from files that are'),
        FeatureEntry('HTS-14', PART, 'forms, in both encodings, with limits'),
        FeatureEntry('HTS-15', PART, 'access logs in the common, combined and JSON formats'),
        FeatureEntry('HTS-16', DONE,
                     'trusted proxies, redirection to HTTPS, strict transport security'),
        FeatureEntry('HTS-17', PART, 'a header field cannot split a response'),
        FeatureEntry('HTS-18', DONE, 'an application is a callable; the README shows one'),
    ],
)
