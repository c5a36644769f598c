# Copyright the carryall authors.  See LICENSE.
"""The accounts of the machine, through PAM where it can be called."""
from __future__ import absolute_import, division, print_function

import ctypes

import pytest

from carryall.core.errors import Unsupported
from carryall.runtimes.host import pam as accounts
from tests.support import interpreter


def here():
    """The function, or a skip with the reason."""
    try:
        return accounts.authenticator()
    except Unsupported as exc:
        pytest.skip(exc.message)


if not interpreter.JYTHON:          # which has no way to PAM, as the test below this shows
    def test_unknown_accounts_are_refused():
        """No account here has this password. An account that can log in is made by hand, or by a
        tester who is root."""
        authenticate = here()
        for name, password in ((u'no-such-account', b'x'), (u'root', b'certainly not this one'),
                               (u'', b'x'), (u'root', b''),
                               (u'root', b'a\0b'), (u'ro\0ot', b'x'),
                               (u'J\xf6rg', u'\xe9'.encode('utf-8'))):
            assert authenticate(name, password) is False, name


def test_a_missing_pam_is_unsupported(monkeypatch):
    if interpreter.JYTHON:
        with pytest.raises(Unsupported) as caught:
            accounts.authenticator()
        assert 'Jython' in caught.value.message
        return
    monkeypatch.setattr(accounts, '_LIBRARIES', ('libno-such-thing.so.0',))
    with pytest.raises(Unsupported) as caught:
        accounts.authenticator()
    assert 'PAM' in caught.value.message


if not interpreter.JYTHON:          # whose ctypes cannot be called back
    def test_each_prompt_gets_its_answer():
        """The conversation, with the library played by the test."""
        libc = ctypes.CDLL(None)
        pam = accounts._PAM(ctypes, _Library(), libc, 'login')
        talk = pam._talk(lambda count, messages, responses, data: pam._answer(
            count, messages, responses, b'anna', b'secret'))

        Message = pam.message

        def ask(*styles):
            rows = [Message(style, b'?') for style in styles]
            pointers = (ctypes.POINTER(Message) * max(1, len(rows)))(
                *[ctypes.pointer(row) for row in rows])
            answers = ctypes.c_void_p()
            status = talk(len(rows), ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(Message))),
                          ctypes.byref(answers), None)
            if not answers.value:
                return status, None
            found = ctypes.cast(answers, ctypes.POINTER(pam._response))
            texts = [ctypes.cast(found[index].answer, ctypes.c_char_p).value
                     for index in range(len(rows))]
            libc.free.argtypes = [ctypes.c_void_p]
            for index in range(len(rows)):
                libc.free(found[index].answer)
            libc.free(answers)
            return status, texts

        assert ask(accounts.PROMPT_SILENT) == (0, [b'secret'])
        assert ask(accounts.PROMPT, accounts.INFO_TEXT, accounts.PROMPT_SILENT,
                   accounts.ERROR_TEXT) == (
            0, [b'anna', None, b'secret', None])
        assert ask() == (accounts.PAM_CONV_ERR, None)


class _Library(object):
    """The names of a PAM library, which are not called."""

    def __init__(self):
        for name in ('pam_start', 'pam_end', 'pam_authenticate', 'pam_acct_mgmt', 'pam_set_item'):
            setattr(self, name, _Function())


class _Function(object):
    argtypes = None
    restype = None
