# Copyright the carryall authors.  See LICENSE.
"""Uploads to folders of a site: by PUT, by a form, and those that are refused."""
from __future__ import absolute_import, division, print_function

import errno
import base64
import os

import pytest

from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.services.web import uploadsite
from carryall.services.web.service import TYPE
from carryall.services.web.uploadsite import MAX_AT_ONCE, folders_in
from tests.services.web.support import write
from tests.services.web.test_service import _connect

ANN = b'Authorization: Basic %s\r\n' % base64.b64encode(b'ann:secret')


class Site(object):
    """A site whose folder `in` takes uploads."""

    def __init__(self, tmpdir, *words):
        write(tmpdir, 'site/a.txt', b'hello')
        write(tmpdir, 'site/in/old', b'old')
        self.folder = tmpdir.join('site')
        self.loop = VirtualLoop()
        self.service = TYPE.make(TYPE.options.parse(
            ['--path', str(self.folder), '-p', '0', '--upload', str(self.folder.join('in'))]
            + list(words)))
        self.service.start(self.loop)

    def ask(self, method, target, body=b'', fields=b''):
        """(status, the whole response)."""
        transport, peer = _connect(self.loop, self.service)
        transport.write(b'%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n%s'
                        b'Connection: close\r\n\r\n%s' % (method, target, len(body), fields, body))
        self.loop.advance(0.2)
        return int(peer.heard[9:12] or b'0'), peer.heard

    def put(self, target, body=b'new', fields=b''):
        """The status of a PUT."""
        return self.ask(b'PUT', target, body, fields)[0]

    def post(self, *files):
        """The status of a form with (name, content) pairs."""
        parts = [b'--x\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\n\r\n%s\r\n'
                 % pair for pair in files]
        return self.ask(b'POST', b'/in/', b''.join(parts) + b'--x--\r\n',
                        b'Content-Type: multipart/form-data; boundary=x\r\n')[0]

    def names(self):
        """The files of the folder."""
        return sorted(os.listdir(str(self.folder.join('in'))))


@pytest.fixture
def site(tmpdir):
    return Site(tmpdir)


def test_a_put_stores_a_file(site):
    assert site.put(b'/in/new%20one') == 201
    assert site.folder.join('in', 'new one').read_binary() == b'new'


def test_a_stored_file_can_be_fetched(site):
    site.put(b'/in/new')
    assert site.ask(b'GET', b'/in/new')[1].endswith(b'\r\n\r\nnew')


def test_a_put_never_replaces_a_file(site):
    assert site.put(b'/in/old') == 409
    assert site.folder.join('in', 'old').read_binary() == b'old'


def test_a_put_replaces_a_file_if_asked_to(tmpdir):
    site = Site(tmpdir, '--upload-replace')
    assert site.put(b'/in/old') == 204
    assert site.folder.join('in', 'old').read_binary() == b'new'


@pytest.mark.parametrize('name, got', [(b'new', b'new'), (b'old', b'old-2'),
                                       (b'list.txt', b'list-2.txt')])
def test_a_put_gets_another_name_if_asked_to(tmpdir, name, got):
    site = Site(tmpdir, '--upload-rename')
    site.folder.join('in', 'list.txt').write('old')
    status, response = site.ask(b'PUT', b'/in/' + name, b'new')
    assert status == 201
    assert b'\r\nLocation: /in/%s\r\n' % got in response
    assert site.folder.join('in', got.decode('ascii')).read_binary() == b'new'
    assert site.folder.join('in', 'old').read_binary() == b'old'


def test_a_form_gets_other_names_if_asked_to(tmpdir):
    site = Site(tmpdir, '--upload-rename')
    assert site.post((b'old', b'1'), (b'old', b'2'), (b'a.b', b'3')) == 303
    assert site.names() == ['a.b', 'old', 'old-2', 'old-3']


def test_a_listing_links_to_the_page_for_uploads(site):
    assert b'href="?upload"' in site.ask(b'GET', b'/in/')[1]


def test_a_listing_of_a_folder_without_uploads_has_no_link_to_the_page(site):
    assert b'?upload' not in site.ask(b'GET', b'/')[1]


def test_only_an_account_stores_files_if_asked_for(tmpdir):
    site = Site(tmpdir, '--upload-account', 'ann=secret')
    assert site.put(b'/in/new') == 401
    assert site.names() == ['old']
    assert site.put(b'/in/new', fields=ANN) == 201
    assert site.names() == ['new', 'old']


def test_everybody_reads_beside_accounts_for_uploads(tmpdir):
    site = Site(tmpdir, '--upload-account', 'ann=secret')
    assert site.ask(b'GET', b'/in/old')[0] == 200
    assert site.ask(b'GET', b'/in/')[0] == 200


def test_the_page_needs_an_account_for_uploads(tmpdir):
    site = Site(tmpdir, '--upload-account', 'ann=secret')
    assert site.ask(b'GET', b'/in/?upload')[0] == 401
    assert site.ask(b'GET', b'/in/?upload', b'', ANN)[0] == 200


@pytest.mark.parametrize('words', [
    ['--upload-replace', '--upload-rename'], ['--upload-account', 'a=b', '--account', 'a=b'],
    ['--upload-account', 'a=b', '--upload-account', 'a=c'],
    ['--upload-account', 'a=b', '--interface', '0.0.0.0']], ids=' '.join)
def test_options_that_contradict_each_other_are_refused(tmpdir, words):
    with pytest.raises(UsageError):
        Site(tmpdir, *words)


@pytest.mark.parametrize('words', [['--upload-rename'], ['--upload-account', 'a=b'],
                                   ['--upload-replace']], ids=' '.join)
def test_options_of_uploads_need_a_folder(tmpdir, words):
    with pytest.raises(UsageError):
        TYPE.options.parse(['--path', str(tmpdir)] + words)


def test_a_form_stores_all_its_files(site):
    assert site.post((b'a', b'1'), (b'C:\\docs\\b', b'22'), (b'', b'')) == 303
    assert site.names() == ['a', 'b', 'old']


def test_a_form_stores_nothing_if_one_name_is_taken(site):
    assert site.post((b'a', b'1'), (b'old', b'2')) == 409
    assert site.names() == ['old']


@pytest.mark.parametrize('files', [[], [(b'a', b'1'), (b'a', b'2')]])
def test_a_form_without_distinct_files_is_refused(site, files):
    assert site.post(*files) == 400
    assert site.names() == ['old']


@pytest.mark.parametrize('name', [b'.htaccess', b'x~', b'a.cgi', b'a.PHP', b'a.cgi.bak',
                                  b'%2e%2e%2fa', b'a%00'])
def test_a_name_that_is_hidden_or_of_a_program_is_refused(site, name):
    assert site.put(b'/in/' + name) in (400, 403, 404, 405)
    assert site.names() == ['old']


@pytest.mark.parametrize('target', [b'/new', b'/a.txt', b'/in/../new', b'/in2/new', b'*'])
def test_other_folders_take_no_uploads(site, target):
    assert site.put(target) in (400, 405, 404)
    assert sorted(os.listdir(str(site.folder))) == ['a.txt', 'in']


def test_a_missing_folder_is_not_made(site):
    assert site.put(b'/in/none/new') == 404


def test_an_upload_that_is_too_large_is_refused(tmpdir):
    site = Site(tmpdir, '--upload-size', '2')
    assert site.put(b'/in/new') == 413
    assert site.names() == ['old']


def test_a_chunked_upload_is_bounded_too(tmpdir):
    site = Site(tmpdir, '--upload-size', '2')
    transport, peer = _connect(site.loop, site.service)
    transport.write(b'PUT /in/new HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'
                    b'3\r\nabc\r\n0\r\n\r\n')
    site.loop.advance(0.2)
    assert peer.heard[9:12] == b'413'
    assert site.names() == ['old']


def test_an_upload_that_breaks_leaves_nothing(site):
    transport, _ = _connect(site.loop, site.service)
    transport.write(b'PUT /in/new HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc')
    site.loop.advance(0.2)
    assert len(site.names()) == 2           # the part is hidden
    transport.abort()
    site.loop.advance(0.2)
    assert site.names() == ['old']


class _FullDisk(object):
    """A file on a full disk: what it holds cannot be written at its end either."""

    def __init__(self, opened):
        self._opened = opened

    def write(self, _):
        """Fails."""
        raise IOError(errno.ENOSPC, 'No space left on device')

    def close(self):
        """Closes the file, and fails."""
        self._opened.close()
        self.write(b'')


def test_a_full_disk_keeps_nothing_of_an_upload(site, monkeypatch, expect_log):
    expect_log('cannot be stored')
    opens = uploadsite.open_plain
    monkeypatch.setattr(uploadsite, 'open_plain',
                        lambda *args, **words: _FullDisk(opens(*args, **words)))
    assert site.put(b'/in/new') == 507
    assert site.names() == ['old']


@pytest.mark.parametrize('field', [b'If-None-Match: *', b'If-Match: "other"',
                                   b'If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT'])
def test_a_put_replaces_no_file_that_is_not_the_expected_one(tmpdir, field):
    site = Site(tmpdir, '--upload-replace')
    assert site.put(b'/in/old', fields=field + b'\r\n') == 412
    assert site.folder.join('in', 'old').read_binary() == b'old'


@pytest.mark.parametrize('field, status', [
    (b'If-None-Match: *', 201), (b'If-Match: *', 412), (b'Content-Range: bytes 0-2/9', 400)])
def test_a_put_of_a_new_file_heeds_the_fields_of_its_request(site, field, status):
    assert site.put(b'/in/new', fields=field + b'\r\n') == status


def test_a_put_replaces_a_file_that_the_client_expects(tmpdir):
    assert Site(tmpdir, '--upload-replace').put(b'/in/old', fields=b'If-Match: *\r\n') == 204


def test_one_client_cannot_take_all_places(site):
    open_ones = []
    for number in range(MAX_AT_ONCE):
        transport, _ = _connect(site.loop, site.service)
        open_ones.append(transport)
        transport.write(b'PUT /in/n%d HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n' % number)
    site.loop.advance(0.2)
    names = site.names()
    for transport in open_ones:
        transport.abort()
    site.loop.advance(0.2)
    assert len(names) - 1 == MAX_AT_ONCE // 2


def test_an_incomplete_upload_is_not_shown(site):
    transport, _ = _connect(site.loop, site.service)
    transport.write(b'PUT /in/new HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc')
    site.loop.advance(0.2)
    assert b'.part' not in site.ask(b'GET', b'/in/')[1]
    transport.abort()
    site.loop.advance(0.2)


def test_only_so_many_uploads_run_at_once(site):
    open_ones = []
    for number in range(MAX_AT_ONCE):
        transport, _ = _connect(site.loop, site.service)
        open_ones.append(transport)
        transport.write(b'PUT /in/n%d HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n' % number)
    site.loop.advance(0.2)
    assert site.put(b'/in/new') == 503
    for transport in open_ones:
        transport.abort()
    site.loop.advance(0.2)
    assert site.put(b'/in/new') == 201


def test_a_page_of_another_site_stores_nothing(site):
    assert site.put(b'/in/new', fields=b'Origin: http://evil.example\r\n') == 403
    assert site.names() == ['old']


def test_the_page_has_a_form(site):
    status, response = site.ask(b'GET', b'/in/?upload')
    assert status == 200
    assert b'enctype="multipart/form-data"' in response


def test_folders_without_uploads_have_no_page(site):
    assert b'multipart' not in site.ask(b'GET', b'/?upload')[1]


def test_a_program_in_the_folder_does_not_run(site):
    path = site.folder.join('in', 'x.cgi')
    path.write('#!/bin/sh\necho Content-Type: text/plain; echo; echo ran\n')
    path.chmod(0o700)
    status, response = site.ask(b'GET', b'/in/x.cgi')
    assert status == 403
    assert b'ran' not in response.partition(b'\r\n\r\n')[2]


@pytest.mark.parametrize('target, sandboxed', [
    (b'/in/x.html', True), (b'/in/x.svg', True), (b'/in/', False), (b'/in/x.txt', False),
    (b'/x.html', False)])
def test_the_scripts_of_an_uploaded_page_do_not_run(site, target, sandboxed):
    for name in ('in/x.html', 'in/x.svg', 'in/x.txt', 'x.html'):
        write(site.folder, name, b'<script>alert(1)</script>')
    status, response = site.ask(b'GET', target)
    assert status == 200
    assert (b'Content-Security-Policy: sandbox\r\n' in response) is sandboxed


def test_no_method_stores_without_the_option(tmpdir):
    site = Site(tmpdir)
    site.service.stop(0.0)
    service = TYPE.make(TYPE.options.parse(['--path', str(site.folder), '-p', '0']))
    service.start(site.loop)
    site.service = service
    assert site.put(b'/in/new') == 405


def test_a_folder_that_is_not_served_is_refused(tmpdir):
    tmpdir.mkdir('site')
    with pytest.raises(UsageError):
        TYPE.options.parse(['--path', str(tmpdir.join('site')), '--upload', str(tmpdir)])


def test_a_folder_of_programs_takes_no_uploads(tmpdir):
    write(tmpdir, 'site/cgi-bin/a', b'x')
    service = TYPE.make(TYPE.options.parse(
        ['--path', str(tmpdir.join('site')), '-p', '0',
         '--upload', str(tmpdir.join('site', 'cgi-bin'))]))
    with pytest.raises(UsageError):
        service.start(VirtualLoop())


def test_the_names_of_a_folder_lead_from_the_root_to_it(tmpdir):
    root = str(tmpdir)
    assert folders_in(root, [root, os.path.join(root, 'a', 'b'), os.path.dirname(root)]) \
        == [[], [b'a', b'b']]


@pytest.mark.parametrize('folder, page', [('in', u'uploads at /in/?upload'),
                                          ('', u'uploads at /?upload')])
def test_the_first_line_tells_where_uploads_go(tmpdir, folder, page):
    root = tmpdir.mkdir('site')
    root.mkdir('in')
    options = TYPE.options.parse(['--path', str(root), '--upload', os.path.join(str(root), folder)])
    assert page in TYPE.started_by_hand(options)


def test_no_programs_are_told_beside_uploads_to_the_whole_tree(tmpdir):
    options = TYPE.options.parse(['--path', str(tmpdir), '--upload', str(tmpdir)])
    assert len(TYPE.started_by_hand(options)) == 2
