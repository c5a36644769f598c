# Copyright the carryall authors.  See LICENSE.
"""The members of the request, its connection and its server, as mod_python 2.7.8 lists them."""
from __future__ import absolute_import, division, print_function

import pytest

from tests.services.modpython.sitekit import SiteKit

METHODS = '''add_common_vars add_handler child_terminate get_all_config get_all_dirs
get_basic_auth_pw get_config get_dirs get_remote_host get_options read readline
register_cleanup send_http_header write'''.split()
READ_ONLY = '''connection server next prev main the_request assbackwards proxyreq
header_only protocol proto_num hostname request_time status_line method method_number
allowed sent_bodyct bytes_sent mtime chunked byterange boundary range clength remaining
read_length read_body read_chunked content_languages vlist_validator unparsed_uri args
headers_in headers_out err_headers_out subprocess_env notes'''.split()
WRITABLE = '''status content_type handler content_encoding no_cache no_local_copy uri
filename path_info'''.split()
CONNECTION = '''server base_server child_num local_addr remote_addr remote_ip remote_host
remote_logname local_ip local_host keepalives'''.split()
SERVER = '''defn_name defn_line_number srm_confname access_confname server_admin
server_hostname port error_fname loglevel is_virtual timeout keep_alive keep_alive_max
keep_alive_timeout send_buffer_size path pathlen server_uid server_gid'''.split()

SOURCE = '''
kept = []
def handler(req):
    kept.append(req)
    return 0
'''


@pytest.fixture
def request_of_site(tmpdir):
    """A request that a handler was given."""
    site = SiteKit(tmpdir.mkdir('site'), {'page.py': SOURCE + 'def last(req):\n'
                                          '    req.write(repr(kept))\n    return 0\n'})
    seen = []
    original = site.pipeline.call

    def call(request, spec, phase):
        seen.append(request)
        return original(request, spec, phase)

    site.pipeline.call = call
    site.ask('/a/b?c=d', 'POST', b'one\ntwo', x_own='yes')
    return seen[0]


@pytest.mark.parametrize('name', METHODS)
def test_a_method_is_there(request_of_site, name):
    assert callable(getattr(request_of_site, name))


@pytest.mark.parametrize('name', READ_ONLY)
def test_a_member_can_only_be_read(request_of_site, name):
    getattr(request_of_site, name)
    with pytest.raises(AttributeError):
        setattr(request_of_site, name, 1)


@pytest.mark.parametrize('name', WRITABLE)
def test_a_member_can_be_assigned(request_of_site, name):
    getattr(request_of_site, name)
    setattr(request_of_site, name, 'x')
    assert getattr(request_of_site, name) == 'x'


@pytest.mark.parametrize('part, names', [('connection', CONNECTION), ('server', SERVER)])
def test_members_of_connection_and_server_can_only_be_read(request_of_site, part, names):
    whole = getattr(request_of_site, part)
    for name in names:
        getattr(whole, name)
        with pytest.raises(AttributeError):
            setattr(whole, name, 1)


def test_user_and_kind_of_log_in_can_be_assigned(request_of_site):
    request_of_site.connection.user = 'anna'
    request_of_site.connection.ap_auth_type = 'Basic'
    assert request_of_site.connection.user == 'anna'


def test_a_member_that_is_read_only_is_an_error_of_both_kinds(request_of_site):
    with pytest.raises(TypeError):
        request_of_site.method = 'PUT'


def test_a_line_for_the_log_has_its_level(request_of_site, expect_log):
    expect_log('from the request')
    expect_log('from the server')
    request_of_site.log_error('from the request', 3)
    request_of_site.server.log_error('from the server', 4 | 8)


def test_requests_of_one_host_have_one_server(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'page.py': 'def handler(req):\n'
                                          '    req.write("%d" % id(req.server))\n    return 0\n'})
    assert site.ask('/a').body == site.ask('/b').body


def test_members_are_not_shared_between_requests(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'page.py': 'def handler(req):\n'
                                          '    req.write("%r %r %r" % (req.read_length,'
                                          ' req.handler, req.user))\n'
                                          '    req.user = "anna"\n    req.read()\n    return 0\n'})
    assert site.ask('/', 'POST', b'body').body == b"0 'mod_python' None"
    assert site.ask('/', 'POST', b'body').body == b"0 'mod_python' None"
