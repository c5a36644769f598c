# Copyright the carryall authors.  See LICENSE.
"""The manifest of FTP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, PART, CommandEntry, FeatureEntry, FixtureEntry,
                                    FuzzEntry, Manifest, SchemeEntry, TypeEntry, UsageEntry)

MANIFEST = Manifest(
    name='ftp',
    summary='FTP, server and client (RFC 959, 2228, 2389, 2428, 3659, 4217)',
    face='carryall.protocols.ftp',
    port=21,
    types=[TypeEntry('ftp', 'carryall.services.ftp.service', 'FTP server for a folder of files')],
    commands=[
        CommandEntry('ftp-get', 'carryall.commands.ftp', 'fetch a file by FTP', 'get_main',
                     [UsageEntry('', 'GET', 'GET_SUMMARY', 'TRAILER')]),
        CommandEntry('ftp-ls', 'carryall.commands.ftp', 'list a folder by FTP', 'ls_main',
                     [UsageEntry('', 'LS', 'LS_SUMMARY', 'TRAILER')]),
        CommandEntry('ftp-mirror', 'carryall.commands.ftp', 'copy what is new in a folder, by FTP',
                     'mirror_main', [UsageEntry('', 'MIRROR', 'MIRROR_SUMMARY', 'TRAILER')]),
        CommandEntry('ftp-otp', 'carryall.commands.ftp', 'keep one-time passwords', 'otp_main',
                     [UsageEntry('', 'OTP', 'OTP_SUMMARY')]),
        CommandEntry('ftp-put', 'carryall.commands.ftp', 'send a file by FTP', 'put_main',
                     [UsageEntry('', 'PUT', 'PUT_SUMMARY', 'TRAILER')]),
    ],
    schemes=[SchemeEntry('ftp', 'carryall.commands.ftp', 'get_url'),
             SchemeEntry('ftps', 'carryall.commands.ftp', 'get_url')],
    fixtures=[
        FixtureEntry('ftp_server', 'start', 'ftp', 'Call it with the words of `carryall serve ftp`, '
                     'as --root FOLDER --port tcp:0; the addresses.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.ftp_targets', ['ftp', 'ftp-client', 'ftp-grammar'])],
    examples=['ftp_client.py', 'ftp_server.py'],
    cases=['ftp_append', 'ftp_ccc', 'ftp_client', 'ftp_pairs', 'ftp_serve', 'ftp_unique'],
    pages=['ftp'],
    binaries=['ftp'],
    paths=['apps/ftpclient', 'services/ftp', 'tests/commands/test_ftp.py', 'tests/protocols/ftp',
           'tests/services/ftp'],
    features=[
        FeatureEntry('FTP-01', DONE, 'every verb of RFC 959 and of the extensions in use'),
        FeatureEntry('FTP-02', DONE,
                     'files are stored, appended and named uniquely, whatever others do meanwhile'),
        FeatureEntry('FTP-03', DONE, 'type A converts line ends both ways'),
        FeatureEntry('FTP-04', DONE, 'listings take the usual flags and patterns'),
        FeatureEntry('FTP-05', DONE, 'TLS, explicit and implicit, on both connections, and CCC'),
        FeatureEntry('FTP-06', DONE, 'active and passive modes, with no connection to a third party'),
        FeatureEntry('FTP-08', DONE,
                     'files come from a folder that nobody can leave, or from memory'),
        FeatureEntry('FTP-11', DONE, 'names are UTF-8, and others do no harm'),
        FeatureEntry('FTP-12', DONE, 'a log of transfers'),
        FeatureEntry('FTP-13', DONE,
                     'a client with TLS, resumption, mirrors and every kind of listing'),
        FeatureEntry('FTP-14', DONE,
                     'curl, lftp, ncftp, tnftp, wget and ftplib work with ours, ours with other servers'),
        FeatureEntry('FTP-15', PART, 'transfers are measured against pyftpdlib'),
    ],
)
