# Copyright the carryall authors.  See LICENSE.
"""The accounts of this machine: names and passwords are checked by PAM, called through ctypes.

    authenticate = authenticator()              # Unsupported, with the reason
    authenticate(u'anna', b'secret')            # True or False; blocks: call it in a thread

Only root may check all passwords; another user can check only the own one (unix_chkpwd(8)).  The
file /etc/shadow is not read: Python's library lacks the functions for its hashes now, and PAM knows
more than that file.

Tests:    tests/runtimes/host/test_pam.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import Unsupported
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

__all__ = ['SERVICE', 'authenticator']

SERVICE = 'login'           # of /etc/pam.d: its rules for anyone who has a password of this machine

# The names of the library: Linux, FreeBSD, macOS.
_LIBRARIES = ('libpam.so.0', 'libpam.so', 'libpam.2.dylib')
MAX_PROMPTS = 32            # questions that PAM may ask at once; its own PAM_MAX_NUM_MSG

# <security/_pam_types.h> of Linux-PAM
PAM_SUCCESS = 0
PAM_BUF_ERR = 5
PAM_CONV_ERR = 19
PAM_FAIL_DELAY = 10
PROMPT_SILENT = 1
PROMPT = 2
ERROR_TEXT = 3
INFO_TEXT = 4


def authenticator(service=SERVICE):
    # type: (str) -> Callable[[str, bytes], bool]
    """A function that asks PAM; Unsupported if PAM is missing or cannot be called."""
    if ON_JVM:
        # jython: its ctypes has no CFUNCTYPE.
        raise Unsupported(u'the accounts of this machine: PAM asks for the password by a call '
                          u'back, and Jython\'s ctypes '
                          u'cannot be called back')
    try:
        import ctypes
    except ImportError:
        raise Unsupported(u'the accounts of this machine: this Python has no ctypes to call PAM '
                          u'with')
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        return _PAM(ctypes, library, ctypes.CDLL(None), service).authenticate
    raise Unsupported(u'the accounts of this machine: there is no PAM library here')


class _PAM(object):
    """The library's functions, with their types."""

    def __init__(self, ctypes, pam, libc, service):
        # type: (Any, Any, Any, str) -> None
        self._ctypes = ctypes
        self._service = service.encode('utf-8')
        self._start = pam.pam_start
        self._end = pam.pam_end
        self._authenticate = pam.pam_authenticate
        self._account = pam.pam_acct_mgmt
        self._set = pam.pam_set_item
        self._calloc = libc.calloc
        self._strdup = libc.strdup
        text = ctypes.c_char_p
        address = ctypes.c_void_p
        number = ctypes.c_int

        class Message(ctypes.Structure):
            _fields_ = [('style', number), ('text', text)]

        class Response(ctypes.Structure):
            _fields_ = [('answer', address), ('code', number)]

        self.message = Message
        self._response = Response
        talk = ctypes.CFUNCTYPE(number, number, ctypes.POINTER(ctypes.POINTER(Message)),
                                ctypes.POINTER(address), address)

        class Conversation(ctypes.Structure):
            _fields_ = [('talk', talk), ('data', address)]

        self._conversation = Conversation
        self._talk = talk
        self._no_delay = ctypes.CFUNCTYPE(None, number, ctypes.c_uint, address)(
            lambda _status, _microseconds, _data: None)
        self._start.argtypes = [text, text, ctypes.POINTER(Conversation), ctypes.POINTER(address)]
        self._end.argtypes = [address, number]
        self._authenticate.argtypes = self._end.argtypes
        self._account.argtypes = self._end.argtypes
        self._set.argtypes = [address, number, address]
        self._calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
        self._calloc.restype = address
        self._strdup.argtypes = [text]
        self._strdup.restype = address

    def authenticate(self, name, password):
        # type: (str, bytes) -> bool
        """True if they belong together, and the account may be used now."""
        if b'\0' in password or u'\0' in name or not name or not password:
            return False
        ctypes = self._ctypes
        username = name.encode('utf-8')
        talk = self._talk(lambda count, messages, responses, _data: self._answer(
            count, messages, responses, username,
                                                                                  password))
        session = ctypes.c_void_p()
        conversation = self._conversation(talk, None)
        status = self._start(self._service, username, ctypes.byref(conversation),
                             ctypes.byref(session))
        if status != PAM_SUCCESS:
            return False
        # It would sleep for seconds after a failure, on a thread of our pool;
        # a LoginGuard delays without one.
        self._set(session, PAM_FAIL_DELAY, ctypes.cast(self._no_delay, ctypes.c_void_p))
        status = self._authenticate(session, 0)
        if status == PAM_SUCCESS:
            status = self._account(session, 0)
        self._end(session, status)
        return bool(status == PAM_SUCCESS)

    def _answer(self, count, messages, responses, username, password):
        # type: (int, Any, Any, bytes, bytes) -> int
        """PAM's questions: whatever is asked without an echo is the password,
        and the rest is the name."""
        ctypes = self._ctypes
        if not 1 <= count <= MAX_PROMPTS:
            return PAM_CONV_ERR
        # PAM frees it, and what is in it.
        block = self._calloc(count, ctypes.sizeof(self._response))
        if not block:
            return PAM_BUF_ERR
        answers = ctypes.cast(block, ctypes.POINTER(self._response))
        for index in range(count):
            style = messages[index].contents.style
            if style in (PROMPT_SILENT, PROMPT):
                answers[index].answer = self._strdup(password if style == PROMPT_SILENT
                                                     else username)
        responses[0] = block
        return PAM_SUCCESS
