# Copyright the carryall authors.  See LICENSE.
"""The manifest of NNTP and the news service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, OPEN, PART, FeatureEntry, FixtureEntry, FuzzEntry,
                                    Manifest, StoreEntry, TypeEntry, URLEntry)

MANIFEST = Manifest(
    name='nntp',
    summary='NNTP, server and client (RFC 3977)',
    face='carryall.protocols.nntp',
    port=119,
    needs=['smtp'],
    types=[TypeEntry('news', 'carryall.services.news.service',
                     'a news server (RFC 3977, RFC 5537)', former=['nntp'])],
    urls=[URLEntry('news', 'nntp', 'nntps')],
    stores=[StoreEntry('news', 'carryall.services.news.articledatabase')],
    fixtures=[
        FixtureEntry('news_server', 'carryall.testservers.anyserver:LazyServer', 'news',
                     'News on a free port; call it with --store memory: --group NAME.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.nntp_targets', ['nntp', 'nntp-client', 'nntp-grammar'])],
    examples=['nntp_client.py', 'nntp_server.py'],
    cases=['news_serve'],
    pages=['nntp'],
    readme=[('`bin/carryall serve news --group local.tea`',
             'a news server, for readers and other servers: [what is '
             'kept](doc/conformance/nntp.md)')],
    paths=['carryall/nntplib.py', 'services/news', 'tests/fuzz/nntp_targets.py',
           'tests/house/test_nntplib.py', 'tests/protocols/nntp', 'tests/services/news'],
    features=[
        FeatureEntry('NNT-01', DONE, 'every command of RFC 3977, wildmats in linear time'),
        FeatureEntry('NNT-02', DONE, 'XOVER, XHDR, XPAT, XGTITLE, XROVER, XPATH, XINDEX, SLAVE'),
        FeatureEntry('NNT-03', DONE, 'every keyword of LIST (RFC 3977, RFC 6048)'),
        FeatureEntry('NNT-04', PART, 'AUTHINFO with passwords and SASL, STARTTLS, implicit TLS'),
        FeatureEntry('NNT-05', PART, 'COMPRESS DEFLATE both ways; no XZVER'),
        FeatureEntry('NNT-06', PART, 'IHAVE and streaming, history; no feeds to others'),
        FeatureEntry('NNT-07', PART, 'posts are completed and checked, moderation by mail, '
                                     'control messages by policy, Cancel-Lock, Xref'),
        FeatureEntry('NNT-08', DONE, 'dots both ways, 8 bit, UTF-8 in names, a limit of octets'),
        FeatureEntry('NNT-09', PART, 'an article log with its index in SQLite or PostgreSQL, '
                                     'expiry by age and size; no import'),
        FeatureEntry('NNT-10', OPEN, 'pages and feeds of groups, mailing lists'),
        FeatureEntry('NNT-11', PART, 'a pipelined client with TLS and compression, and '
                                     'carryall.nntplib in place of the removed module'),
        FeatureEntry('NNT-12', PART, "Python's nntplib and Net::NNTP read and post"),
    ],
)
