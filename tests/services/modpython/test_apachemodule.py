# Copyright the carryall authors.  See LICENSE.
"""The package mod_python (feature MPY-02)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.runtimes.host.moduleworlds import ModuleWorlds
from carryall.services.modpython import install

CONSTANTS = '''OK DECLINED DONE REMOTE_HOST REMOTE_NAME REMOTE_NOLOOKUP REMOTE_DOUBLE_REV
APLOG_EMERG APLOG_ALERT APLOG_CRIT APLOG_ERR APLOG_WARNING APLOG_NOTICE APLOG_INFO APLOG_DEBUG
M_GET M_PUT M_POST M_DELETE M_CONNECT M_OPTIONS M_TRACE'''.split()
STATUSES = {
    'HTTP_CONTINUE': 100, 'HTTP_OK': 200, 'HTTP_MULTI_STATUS': 207, 'HTTP_MOVED_TEMPORARILY': 302,
    'HTTP_SEE_OTHER': 303, 'HTTP_BAD_REQUEST': 400, 'HTTP_UNAUTHORIZED': 401, 'HTTP_LOCKED': 423,
    'HTTP_INTERNAL_SERVER_ERROR': 500, 'HTTP_VARIANT_ALSO_VARIES': 506, 'HTTP_NOT_EXTENDED': 510,
}


@pytest.fixture
def apache():
    """The module mod_python.apache."""
    install(ModuleWorlds())
    from mod_python import apache
    return apache


@pytest.mark.parametrize('name', CONSTANTS)
def test_a_constant_is_a_number(apache, name):
    assert isinstance(getattr(apache, name), int)


@pytest.mark.parametrize('name', sorted(STATUSES))
def test_a_status_has_its_number(apache, name):
    assert getattr(apache, name) == STATUSES[name]


def test_modules_are_imported_by_all_names(apache):
    import mod_python.util
    from mod_python import publisher, util
    assert mod_python.util is util
    assert callable(publisher.handler)
    assert util.parse_qs('a=1&a=2&b=') == {'a': ['1', '2']}
    assert apache.parse_qsl('a=1&b=', 1) == [('a', '1'), ('b', '')]
    assert apache.make_table({'a': 'b'})['A'] == 'b'


def test_an_import_outside_of_handlers_is_an_error(apache):
    with pytest.raises(RuntimeError):
        apache.import_module('os')
